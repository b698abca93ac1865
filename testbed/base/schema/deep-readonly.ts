// SPDX-License-Identifier: MIT

/** The same data, none of which may be changed: what is made from a schema says nothing about that. */
export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
