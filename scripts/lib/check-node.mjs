/**
 * Refuses a Node that is too old. Imported first, and written so that an old Node can still read it.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Flotilla needs Node 20.19 or newer; this is ${process.version}. Install a current one from https://nodejs.org`,
  );
  process.exit(1);
}
