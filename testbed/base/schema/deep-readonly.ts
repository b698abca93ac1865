// SPDX-License-Identifier: MIT

/** The same type with every field readonly, which types made from a schema are not. */
export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
