import { WINDOW } from '../../../packages/core/dist/shared/limits.js'

const large = Buffer.alloc(WINDOW + 20_000, 'x')

/** The ways in which handlers treat a request, by its path. */
const ways = {
  '/now': (_req, res) => res.end('now'),
  '/hold': () => {},
  '/echo': (req, res) => req.pipe(res),
  '/later': (_req, res) => setImmediate(() => res.end('later')),
  '/destroy': (_req, res) => res.destroy(),
  '/throw': () => {
    throw new Error('on purpose')
  },
  '/large': (_req, res) => res.end(large),
  '/half': (req, res) => {
    res.write('half')
    req.destroy()
  },
  '/raw': (req) => req.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nraw'),
  '/read': (req, res) => req.on('data', () => {}).on('end', () => res.end('read')),
}

export const paths = Object.keys(ways)

export function handler(req, res) {
  const way = ways[req.url] ?? ways['/now']
  return way(req, res)
}
