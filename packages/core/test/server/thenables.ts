/** Gives what `await` waits for. */
export function withThen<T extends object>(target: T, then: unknown): T {
  Reflect.set(target, 'then', then)
  return target
}
