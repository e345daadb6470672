export default async function teardown() {
  await globalThis.__flotillaTestServer?.stop();
}
