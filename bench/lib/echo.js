/** Reads a request's body and gives it back: what the apps without a body parser do. */
export async function echo(req, res) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  res.setHeader('content-type', 'application/octet-stream')
  res.end(Buffer.concat(chunks))
}

/** Tells the parent that the server is up, and ends when the parent says so. */
export function serve(details, close) {
  process.send(details)
  process.on('message', async () => {
    await close()
    process.disconnect()
  })
}

export const HOST = '127.0.0.1'
