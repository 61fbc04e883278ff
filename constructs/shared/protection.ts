/** How long an environment lives; everything that guards data follows from it. */
export type Lifetime = "permanent" | "temporary";

/** The guards of a lifetime. Terraform cannot compute them (`prevent_destroy` takes no variable); synthesis can. */
export interface Protection {
  /** Refuse deletion, in AWS (`deletion_protection`) and in Terraform (`prevent_destroy`); leave a final snapshot. */
  readonly protect: boolean;
  /** Delete buckets and repositories with what is in them. */
  readonly forceDestroy: boolean;
  /** Days in which a deleted secret or key can be brought back; 0 deletes it at once. */
  readonly secretRecoveryDays: number;
  /** Days until a deleted key is gone; AWS takes no less than 7. */
  readonly keyDeletionDays: number;
}

/** The one place where a lifetime becomes guards. */
export function protectionOf({ lifetime }: { readonly lifetime: Lifetime }): Protection {
  const protect = lifetime === "permanent";
  return { protect, forceDestroy: !protect, secretRecoveryDays: protect ? 7 : 0, keyDeletionDays: protect ? 30 : 7 };
}
