import * as runner from 'node:test'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** What a simulated test says beside its outcome. */
export interface Notes {
  diagnostic(note: string): void
}

type Body = (notes: Notes) => void | Promise<void>

interface Ended {
  readonly notes: readonly string[]
  readonly error: unknown
}

interface Tests {
  describe(name: string, suite: () => void): void
  it(name: string, body: Body): void
}

/**
 * `describe` and `it` of a file whose bodies run in a thread of their own. The runner follows each promise of its thread by
 * `async_hooks`, which takes more than a quarter of the time of a simulation. The file is loaded in both threads.
 */
export function inThread(url: string): Tests {
  return isMainThread ? told(url) : doing()
}

/** In the runner's thread: each test asks the other thread to run the body of the same number. */
function told(url: string): Tests {
  let count = 0
  let worker: Worker | undefined
  runner.after(() => worker?.terminate())
  return {
    describe: (name, suite) => void runner.describe(name, suite),
    it(name, _body) {
      const number = count++
      runner.it(name, async (t) => {
        worker ??= new Worker(new URL(url))
        const { notes, error } = await ask(worker, number)
        for (const note of notes) t.diagnostic(note)
        if (error !== undefined) throw error
      })
    },
  }
}

function ask(worker: Worker, number: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const over = (code: number): void => reject(new Error(`the thread ended with code ${code}`))
    worker.once('exit', over)
    worker.once('error', reject)
    worker.once('message', (ended: Ended) => {
      worker.off('exit', over)
      worker.off('error', reject)
      resolve(ended)
    })
    worker.postMessage(number)
  })
}

/** In the other thread. */
function doing(): Tests {
  const bodies: Body[] = []
  parentPort?.on('message', async (number: number) => {
    const notes: string[] = []
    let error: unknown
    try {
      await bodies[number]?.({ diagnostic: (note) => void notes.push(note) })
    } catch (thrown) {
      error = thrown
    }
    parentPort?.postMessage({ notes, error })
  })
  return { describe: (_name, suite) => suite(), it: (_name, body) => void bodies.push(body) }
}
