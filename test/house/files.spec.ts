import os from 'node:os';
import { ROOT, files, isWritten, read } from './tree.js';

const all = files();

/** Longer than 300 lines, and by how much it may be. The list must shrink: an entry that is not needed is an error. */
const LONG: Readonly<Record<string, number>> = {
  // the words of one stream, which are read together
  'proto/flotilla/v1/agent.proto': 500,
};

describe('files', () => {
  it('are at most 300 lines long', () => {
    const tooLong = all
      .filter(isWritten)
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > (LONG[file] ?? 300))
      .map(({ file, lines }) => `${file}: ${lines} lines`);
    expect(tooLong).toEqual([]);
  });

  it('that were too long once are taken off the list', () => {
    const needless = Object.keys(LONG).filter((file) => !all.includes(file) || read(file).split('\n').length <= 301);
    expect(needless).toEqual([]);
  });

  // it hides a property that is given twice or that nobody knows from the types, to save lines
  it('spread no object that is written in the same place', () => {
    const spread = all.filter(
      (file) => isWritten(file) && /[^{]\.\.\.\{/.test(read(file)) && !file.startsWith('test/house/'),
    );
    expect(spread).toEqual([]);
  });

  it('switch off no rule for the whole of themselves without naming it', () => {
    const blanket = all.filter(
      (file) =>
        isWritten(file) && !file.startsWith('test/house/') && /\/\*\s*eslint-disable\s*(\*|--)/.test(read(file)),
    );
    expect(blanket).toEqual([]);
  });
});

/**
 * Nothing in the repository may name the machine it was written on. What must not appear is asked of the machine that
 * runs the test: the repository's folder, the host's name, the registry that npm uses here.
 */
describe('no file names a workplace', () => {
  const registry = process.env['npm_config_registry'];
  const registryHost = registry ? new URL(registry).host : undefined;
  const words = [
    // only what is this machine's own: a clone at /app or /tmp/x, or a host called "runner", must not fail on plain words
    ...(ROOT.split('/').length > 2 ? [`${ROOT}/`] : []),
    ...(/\d/.test(os.hostname()) && os.hostname().length > 8 ? [os.hostname()] : []),
    ...(registryHost && !/^registry\.(npmjs\.org|yarnpkg\.com)$/.test(registryHost) ? [registryHost] : []),
  ];
  const patterns = [
    /(?<![\w.])\/(home|Users)\/[a-z]\w*\//,
    /^\s*(@\w+:)?registry\s*=/m,
    /\/\/[^/\s]+:[^@/\s]+@[^\s/]*registry/,
    /_authToken/,
  ];

  it.each(all.filter((file) => !/\.(png|ico|gz|pem|woff2?)$/.test(file)).map((file) => [file]))('%s', (file) => {
    const text = read(file);
    const found = [
      ...words.filter((word) => text.includes(word)),
      ...(file === 'test/house/files.spec.ts' ? [] : patterns.filter((pattern) => pattern.test(text)).map(String)),
    ];
    expect(found).toEqual([]);
  });
});
