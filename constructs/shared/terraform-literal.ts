/** Text that Terraform must take as it stands: `${` and `%{` would begin an expression. */
export function terraformLiteral(text: string): string {
  return text.replace(/[$%]\{/g, (sign) => `${sign.charAt(0)}${sign}`);
}
