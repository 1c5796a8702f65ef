import core = require('@sleuth/core')

async function main(): Promise<void> {
  const sleuth: core.Sleuth = await core.createSleuth({ interface: 'loopback' })
  await sleuth.request('sleuth://comment-service/')
  await sleuth.close()
}

void main()
