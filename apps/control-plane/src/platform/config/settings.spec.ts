import { ConfigError, parseSettings } from './settings.js';

const refusal = (environment: Record<string, string>) => {
  try {
    parseSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(environment)}`);
};

describe('parseSettings', () => {
  it('needs nothing, and takes an empty value as not set', () => {
    const settings = parseSettings({ PATH: '/bin', FLOTILLA_HTTP_PORT: '' });
    expect(settings).toMatchObject({
      FLOTILLA_DATA_DIR: '.flotilla',
      FLOTILLA_HTTP_PORT: 8080,
      FLOTILLA_GRPC_PORT: 50051,
      FLOTILLA_BIND: '127.0.0.1',
      FLOTILLA_DATABASE_URL: null,
      FLOTILLA_TRUSTED_PROXIES: [],
      FLOTILLA_ACCESS_TOKEN_SECONDS: 900,
      FLOTILLA_INSECURE: false,
    });
  });

  it('reads lists and switches', () => {
    const settings = parseSettings({ FLOTILLA_TRUSTED_PROXIES: '10.0.0.0/8, ::1', FLOTILLA_DEMO: '1' });
    expect(settings.FLOTILLA_TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '::1']);
    expect(settings.FLOTILLA_DEMO).toBe(true);
  });

  it("knows other programs' settings and says nothing about them", () => {
    expect(
      parseSettings({ FLOTILLA_NVIDIA_SMI: '/x', FLOTILLA_TEST_DATA: '/y', FLOTILLA_AGENT_STATE: '/z' }),
    ).toBeDefined();
  });

  it.each([
    [
      'FLOTILLA_HTTP_PORT',
      '80a',
      'FLOTILLA_HTTP_PORT must be a port from 1 to 65535, or 0 for any free one (it is "80a")',
    ],
    ['FLOTILLA_HTTP_PORT', '65536', 'must be a port'],
    ['FLOTILLA_GRPC_PORT', '-1', 'must be a port'],
    ['FLOTILLA_DATABASE_URL', 'mysql://x', 'FLOTILLA_DATABASE_URL must begin with postgresql://'],
    ['FLOTILLA_BIND', 'example.com', 'must be an IP address of this machine'],
    ['FLOTILLA_BIND', '0.0.0.0', 'set FLOTILLA_TLS_CERT and FLOTILLA_TLS_KEY, or FLOTILLA_INSECURE=1'],
    ['FLOTILLA_TLS_CERT', '/cert.pem', 'FLOTILLA_TLS_KEY is missing'],
    ['FLOTILLA_TLS_KEY', '/key.pem', 'FLOTILLA_TLS_CERT is missing'],
    ['FLOTILLA_PUBLIC_URL', 'flotilla.example.com', 'must be an address such as https://'],
    ['FLOTILLA_PUBLIC_URL', 'https://a.example/x', 'no path'],
    ['FLOTILLA_TRUSTED_PROXIES', '10.0.0.0/33', 'must be addresses or CIDRs'],
    ['FLOTILLA_OUTBOUND_ALLOW', 'localhost', 'must be addresses or CIDRs'],
    ['FLOTILLA_SMTP_HOST', 'mail.example.com', 'FLOTILLA_SMTP_FROM is missing'],
    ['FLOTILLA_SMTP_HOST', 'smtp://mail.example.com', 'must be a host name'],
    ['FLOTILLA_SMTP_FROM', 'flotilla@example.com', 'FLOTILLA_SMTP_HOST is missing'],
    ['FLOTILLA_SMTP_FROM', 'a@example.com\r\nBcc: b', 'must be an e-mail address'],
    ['FLOTILLA_SMTP_TLS', 'ssl', 'must be starttls, tls or none'],
    ['FLOTILLA_SMTP_PORT', '0', 'must be a port from 1'],
    ['FLOTILLA_SMTP_RECIPIENT_DOMAINS', 'example.com,@x', 'must be domains'],
    ['FLOTILLA_INSECURE', 'maybe', 'must be 1 or 0'],
    ['FLOTILLA_ADMIN_EMAIL', 'nobody', 'must be an e-mail address'],
    ['FLOTILLA_ADMIN_PASSWORD', 'short', 'must have at least 8 characters'],
    [
      'FLOTILLA_HTTP_PROT',
      '8080',
      'FLOTILLA_HTTP_PROT is not a setting of Flotilla (did you mean FLOTILLA_HTTP_PORT?)',
    ],
    ['FLOTILLA_GRPC_PORT', '8080', 'must differ from FLOTILLA_HTTP_PORT'],
  ])('refuses %s=%s in one line', (name, value, expected) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(expected);
    expect(message.split('\n')).toHaveLength(1);
  });

  it('never repeats a secret', () => {
    const smtp = { FLOTILLA_SMTP_HOST: 'm', FLOTILLA_SMTP_FROM: 'a@b.c', FLOTILLA_SMTP_PASSWORD: 'hunter2' };
    expect(refusal(smtp)).toBe('FLOTILLA_SMTP_USER is missing: it goes together with FLOTILLA_SMTP_PASSWORD');
    expect(refusal({ FLOTILLA_ADMIN_PASSWORD: 'hunter2' })).not.toContain('hunter2');
    expect(refusal({ FLOTILLA_DATABASE_URL: 'mysql://u:hunter2@h/d' })).not.toContain('hunter2');
  });
});
