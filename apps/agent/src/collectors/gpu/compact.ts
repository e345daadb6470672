/** Leaves out what is undefined: an absent key, not a key without a value. */
export function compact<T extends object>(facts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, v]) => v !== undefined)) as never;
}
