// Taken before a clock is put in its place.
const { setImmediate } = globalThis

/** More turns than any chain of work that ends takes. */
const MOST_TURNS = 10_000

/** What the event loop still has to do by itself, soon: work on files, too. A socket or a timer may wait for ever. */
const WORK = /^(?:Immediate|FSReq|CloseReq)/

/** One turn of the event loop: promises, ticks and immediates that were there have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves when nothing happens any more until time passes, or something comes from outside of the process. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < MOST_TURNS; turns++) {
    await turn()
    if (!process.getActiveResourcesInfo().some((resource) => WORK.test(resource))) return
  }
}
