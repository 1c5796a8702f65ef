// Each package under `require`.
const assert = require('node:assert/strict')

for (const name of ['node', 'hono']) assert.equal(typeof require(`@sleuth/${name}`), 'function', name)
assert.equal(typeof require('@sleuth/nest').SleuthModule.forRoot, 'function')
assert.equal(typeof require('@sleuth/nest/microservices').SleuthServer, 'function')
assert.equal(typeof require('@sleuth/testing').createTestNetwork, 'function')
assert.equal(typeof require('@sleuth/otel').observe, 'function')
assert.equal(typeof require('@sleuth/zre').createNode, 'function')
console.log('all of them')
