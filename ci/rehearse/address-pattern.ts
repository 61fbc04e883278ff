/** Whether an address fits a pattern such as `aws_lb_listener_rule.*`, in which `*` stands for anything. */
export function fits(address: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(address);
}
