/** Rejects when no answer has come within so many milliseconds. An answer that never comes would hold up all that follow. */
export async function withTimeout<T>(answer: T | PromiseLike<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no answer within ${milliseconds} ms`)
    timer = setTimeout(() => reject(error), milliseconds).unref()
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
