/** Whether `await` would wait for it: a promise of any make, a query builder, a function with a method `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && typeof (value as PromiseLike<unknown>).then === 'function'
}
