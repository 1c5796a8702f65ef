/** Looks at the memory of this process until it is told to stop: how many MiB it grew at most. */
export function watchMemory(): () => number {
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  return () => {
    clearInterval(timer)
    return (Math.max(most, process.memoryUsage.rss()) - before) / 2 ** 20
  }
}
