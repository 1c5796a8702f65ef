const Fastify = require('fastify')
const sleuth = require('@sleuth/fastify')
const { routes } = require('./routes.cjs')

module.exports = async (options) => {
  const app = Fastify()
  globalThis.tool.errorsOf?.('fastify', app)
  await app.register(sleuth, options)
  app.addHook('preHandler', async function named() {})
  for (const [path, answer] of Object.entries(routes)) app.get(path, (request) => answer(request.params.id))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}
