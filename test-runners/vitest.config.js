export default {
  test: {
    include: ['**/vitest*.test.js'],
    setupFiles: ['@sleuth/testing/register'],
  },
}
