const { createSleuth } = require('@sleuth/core')

/** Two services that know each other: `mesh` calls `below` for each request, by its request's own client. */
module.exports = async (options) => {
  await createSleuth({ ...options, service: 'below', handler: (_req, res) => res.end('below') })
  const express = require('express')
  const sleuth = require('@sleuth/express')
  const app = express()
  const middleware = sleuth(options)
  app.use(middleware)
  app.get('/through/:id', async (req, res) => {
    const { status } = await req.sleuth.request(`sleuth://below/${req.params.id}`)
    res.json(status)
  })
  app.get('/nobody/:id', async (req, res) => {
    const error = await req.sleuth.request('sleuth://nobody/').catch((reason) => reason)
    res.json(error.code)
  })
  const server = app.listen(0, '127.0.0.1')
  await middleware.ready
  await middleware.sleuth.waitFor('below')
  return server.address().port
}
