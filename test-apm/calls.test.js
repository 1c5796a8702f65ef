// Calls that leave have spans by @sleuth/otel, in each tool that takes part in OpenTelemetry's API.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Scene } from './scene.js'

const tools = ['otel', 'sentry', 'datadog']

const callIn = (spans) => spans.find(({ facts }) => facts['url.scheme'] === 'sleuth')

for (const tool of tools) {
  describe(`calls with ${tool}`, { timeout: 90_000 }, () => {
    let scene

    before(async () => {
      scene = await Scene.open([tool, 'calls'], 'mesh', { TOOL_FOR_OTEL: 'true' })
    })
    after(() => scene?.close())

    test('a call has a span below that of its request, and the service that is called below the call', async () => {
      const call = callIn(await scene.below('/through/7', (spans) => callIn(spans)?.below.length === 1))
      assert.equal(call.facts['server.address'], 'below')
      assert.equal(call.below.length, 1, 'the request to the service that is called')
    })

    test('a call that fails says why', async () => {
      const call = callIn(await scene.below('/nobody/7', callIn))
      // Datadog has the class of an error in that place.
      assert.equal(call.facts['error.type'], tool === 'datadog' ? 'SleuthError' : 'SLEUTH_UNKNOWN_SERVICE')
    })
  })
}
