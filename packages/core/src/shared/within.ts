/** Resolves when a promise has, after so many milliseconds at the latest. `Infinity`: without end. */
export async function within(time: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    if (time !== Infinity) timer = setTimeout(resolve, time)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}
