import { isPromise } from 'node:util/types'

/** Whether `await` would wait for it: any promise, a query builder, or a function with a method `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && typeof (value as PromiseLike<unknown>).then === 'function'
}

/**
 * For what a function of the user has given and nobody awaits: a rejection that nobody handles ends the process. Another
 * thenable than a promise stays untouched, since `then` may begin its work.
 */
export function handleRejection(given: unknown, failed: (error: unknown) => void = ignore): void {
  if (isPromise(given)) given.catch(failed)
}

function ignore(): void {}
