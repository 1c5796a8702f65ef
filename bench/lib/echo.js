import { collect, snapshot } from './counters.js'

/** Reads a request's body and gives it back: what the apps without a body parser do. */
export async function echo(req, res) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  res.setHeader('content-type', 'application/octet-stream')
  res.end(Buffer.concat(chunks))
}

/** Tells the parent that this process is up, and then whatever it asks for, until it says `end`. */
export function serve(details, close, own = {}) {
  const answers = { cpu: () => process.cpuUsage(), collect, snapshot, ...own }
  process.send(details)
  process.on('message', async ({ name, argument }) => {
    if (name !== 'end') {
      process.send(await answers[name](argument))
      return
    }
    await close()
    process.disconnect()
  })
}

export const HOST = '127.0.0.1'
