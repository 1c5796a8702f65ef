import type { Place } from './admission.js'

/**
 * The handler returned a promise, and ends with it. A promise that is settled in the same turn only tells that the listener has
 * returned. `isSettled`: whether the exchange is over. `failed`: the promise was rejected.
 */
export function keepPlace(
  promise: PromiseLike<unknown>,
  place: Place,
  host: { readonly loopTurn: number },
  isSettled: () => boolean,
  failed: (error: unknown) => void,
): void {
  const turn = host.loopTurn
  place.pending = true
  const returned = () => {
    place.pending = false
    if (!isSettled() || place.free) return
    if (host.loopTurn === turn) place.abandon()
    else place.leave()
  }
  Promise.resolve(promise).then(returned, (error) => {
    failed(error)
    place.leave()
  })
}
