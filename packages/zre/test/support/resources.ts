import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Resources {
  /** What keeps the process alive. */
  readonly handles: string[]
  /** How many files are open. */
  readonly files: number
}

export async function resources(): Promise<Resources> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return { handles: process.getActiveResourcesInfo().sort(), files: readdirSync('/proc/self/fd').length }
}

/** Resolves when there is no more than before: libzmq's threads close sockets when they come to it. */
export async function settled(before: Resources): Promise<void> {
  for (;;) {
    const { handles, files } = await resources()
    if (isWithin(handles, before.handles) && files <= before.files) return
    await sleep(10)
  }
}

/** Something may have been about to end before, such as a timer. */
function isWithin(handles: readonly string[], before: readonly string[]): boolean {
  const left = [...before]
  return handles.every((handle) => {
    const at = left.indexOf(handle)
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}
