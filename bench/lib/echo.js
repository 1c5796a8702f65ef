/** Reads a request's body and gives it back: what the apps without a body parser do. */
export async function echo(req, res) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  res.setHeader('content-type', 'application/octet-stream')
  res.end(Buffer.concat(chunks))
}

/** Tells the parent that the server is up, and what it is asked: the CPU time that it took, or to end. */
export function serve(details, close) {
  process.send(details)
  process.on('message', async (asked) => {
    if (asked === 'cpu') {
      process.send(process.cpuUsage())
      return
    }
    await close()
    process.disconnect()
  })
}

export const HOST = '127.0.0.1'
