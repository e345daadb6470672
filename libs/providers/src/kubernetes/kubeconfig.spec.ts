import { ClusterAccessError, inClusterAccess } from './access.js';
import { readKubeconfig } from './kubeconfig.js';

const PEM = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64');
const config = (user: string, cluster = `certificate-authority-data: ${PEM}`, server = 'https://10.0.0.1:6443') => `
apiVersion: v1
current-context: prod
contexts: [{ name: prod, context: { cluster: c, user: u, namespace: train } }, { name: lost, context: { cluster: x, user: u } }]
clusters: [{ name: c, cluster: { server: "${server}", ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
`;
const files: Readonly<Record<string, string>> = {
  'ca.crt': 'CA',
  token: ' secret\n',
  'tls.crt': 'CERT',
  'tls.key': 'KEY',
};
const readFile = (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
};
const read = (text: string, context?: string) =>
  readKubeconfig(text, { path: 'kc', readFile, ...(context ? { context } : {}) });

describe('readKubeconfig', () => {
  it('takes a token, written there or in a file that is read each time', () => {
    const access = read(config('token: abc'));
    expect(access).toMatchObject({ namespace: 'train', tls: { caPem: '-----BEGIN CERTIFICATE-----' } });
    expect([access.server.href, access.token?.()]).toEqual(['https://10.0.0.1:6443/', 'abc']);
    expect(read(config('tokenFile: token')).token?.()).toBe('secret');
  });

  it('takes a client certificate, and files of the cluster', () => {
    const access = read(config('client-certificate: tls.crt, client-key: tls.key', 'certificate-authority: ca.crt'));
    expect(access).toMatchObject({ token: null, tls: { caPem: 'CA', certPem: 'CERT', keyPem: 'KEY' } });
  });

  it.each([
    ['a program to run', config('exec: { command: /bin/sh }, token: abc'), /"exec": it would run a program/],
    ['a plugin to run', config('auth-provider: { name: gcp }'), /"auth-provider": it would run a plugin/],
    ['a password', config('username: a, password: b'), /knows no passwords/],
    ['a server that nobody checks', config('token: a', 'insecure-skip-tls-verify: true'), /anybody could pose/],
    ['a server in clear', config('token: a', undefined, 'http://10.0.0.1'), /must be an https address/],
    ['a proxy', config('token: a', 'proxy-url: http://p'), /proxy-url/],
    ['no credentials', config('client-certificate: tls.crt'), /neither a token nor/],
    [
      'a file that is not there',
      config('tokenFile: token', 'certificate-authority: nope'),
      /nope cannot be read: ENOENT/,
    ],
    ['no YAML', '{ a: [', /is not YAML/],
    ['nothing', '', /no current-context/],
    [
      'an alias bomb',
      `a: &a [x,x]\n${'b: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]'}\n`,
      /kc: /,
    ],
  ])('refuses %s', (_, text, why) => {
    expect(() => read(text)).toThrow(ClusterAccessError);
    expect(() => read(text)).toThrow(why);
  });

  it('says which context or cluster is missing', () => {
    expect(() => read(config('token: a'), 'stage')).toThrow(/has no context stage/);
    expect(() => read(config('token: a'), 'lost')).toThrow(/has no cluster x/);
  });
});

describe('inClusterAccess', () => {
  const account = (path: string) => readFile(path.replace('/sa/', ''));
  it('reads the token anew for each request, since it is replaced every hour', () => {
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    let token = 'one';
    const access = inClusterAccess(
      env,
      (path) => (path.endsWith('token') ? token : path.endsWith('namespace') ? 'ns' : 'CA'),
      '/sa',
    );
    token = 'two';
    expect([access.server.href, access.token?.(), access.namespace, access.tls.caPem]).toEqual([
      'https://[fd00::1]/',
      'two',
      'ns',
      'CA',
    ]);
  });
  it('says what is missing', () => {
    expect(() => inClusterAccess({}, account, '/sa')).toThrow(/runs in no pod/);
    expect(() => inClusterAccess({ KUBERNETES_SERVICE_HOST: 'a' }, account, '/sa')).toThrow(
      /automountServiceAccountToken/,
    );
  });
});
