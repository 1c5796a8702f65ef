// One app, over HTTP and over sleuth, with the tool that `--import` has loaded before. It tells its port, and what the
// tool has recorded when it is asked.
const [framework, port] = process.argv.slice(2)
const options = { service: framework, interface: 'loopback', port: Number(port) }
const { tool } = globalThis

process.on('message', async () => process.send({ spans: await tool.told(), differs: tool.differs.source }))
process.on('disconnect', () => process.exit())

require(`./apps/${framework}.cjs`)(options).then((at) => {
  require('./apps/routes.cjs').listensAt(at)
  process.send({ listening: at })
})
