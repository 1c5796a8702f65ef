const express = require('express')
const sleuth = require('@sleuth/express')
const { routes } = require('./routes.cjs')

module.exports = async (options) => {
  const app = express()
  app.use(sleuth(options))
  app.use(function named(_req, _res, next) {
    next()
  })
  for (const [path, answer] of Object.entries(routes)) {
    app.get(path, async (req, res) => {
      res.send(await answer(req.params.id))
    })
  }
  globalThis.tool.errorsOf?.('express', app)
  app.use((_error, _req, res, _next) => res.status(500).send('failed'))
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}
