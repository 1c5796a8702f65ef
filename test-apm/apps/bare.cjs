const http = require('node:http')
const { createSleuth } = require('@sleuth/core')
const { routes } = require('./routes.cjs')

module.exports = async (options) => {
  async function handler(req, res) {
    const [, first, id] = req.url.split('/')
    const answer = routes[id === undefined ? `/${first}` : `/${first}/:id`]
    try {
      res.statusCode = answer === undefined ? 404 : 200
      res.end(answer === undefined ? 'Not Found' : await answer(id))
    } catch {
      res.statusCode = 500
      res.end('failed')
    }
  }
  await createSleuth({ ...options, handler })
  const server = http.createServer(handler)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}
