import { startTestApp } from '../../../../../test/support/app.js';
import { eventually } from '../../../../../test/support/fake-receivers/index.js';
import { NotificationStage } from '../../../../../test/support/notifications.js';
import { TestMailServer } from '../../../../../test/support/test-mail-server.js';
import type { SmtpConfig } from '../../platform/index.js';

describe('e-mail, through a real SMTP server with STARTTLS and a log-in', () => {
  let server: TestMailServer;
  let stage: NotificationStage;
  let smtp: SmtpConfig;

  beforeAll(async () => {
    server = await TestMailServer.start();
    smtp = {
      host: '127.0.0.1',
      port: server.port,
      tls: 'starttls',
      login: { user: TestMailServer.USER, password: TestMailServer.PASSWORD },
      from: 'flotilla@example.com',
      ca: server.ca,
      recipientDomains: ['example.com', 'example.org'],
    };
    stage = await NotificationStage.start({ config: { smtp } });
  });
  afterAll(async () => {
    await stage.stop();
    await server.close();
  });
  beforeEach(async () => {
    await stage.clear();
    server.mails.length = 0;
    server.refusals.length = 0;
  });

  const channel = (...recipients: string[]) => stage.channel('email', { config: { recipients } });
  const mails = (count: number) => eventually(() => server.mails.length >= count && server.mails, `${count} mails`);
  const first = (id: number, status: string) =>
    eventually(async () => (await stage.deliveries(id)).find((one) => one.status === status), status);
  /** Headers by name, folded lines joined. */
  const headers = (raw: string) =>
    new Map(
      raw
        .slice(0, raw.indexOf('\r\n\r\n'))
        .replace(/\r\n[ \t]+/g, ' ')
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)] as const),
    );

  it('is text and HTML, encrypted, with headers that join what belongs together', async () => {
    const { id } = await channel('oncall@example.com', 'cfo@example.org');
    await stage.tell({ title: 'gpu <1> & co is idle' });
    await mails(1);
    await stage.tell({ kind: 'resolve' });
    const [opened, closed] = await mails(2);
    expect(opened).toMatchObject({
      from: 'flotilla@example.com',
      to: ['oncall@example.com', 'cfo@example.org'],
      secure: true,
      user: 'flotilla',
    });
    const of = [headers(opened!.raw), headers(closed!.raw)];
    expect(of[0]!.get('subject')).toBe('gpu <1> & co is idle');
    expect(of[1]!.get('subject')).toBe('Resolved: gpu-node-1 is idle');
    expect(of[0]!.get('auto-submitted')).toBe('auto-generated');
    expect(of[0]!.get('from')).toBe('Flotilla <flotilla@example.com>');
    const delivered = await first(id, 'delivered');
    expect(of.map((one) => one.get('message-id'))).toContain(`<${delivered.message_id}@example.com>`);
    expect(of[0]!.get('references')).toBe(of[1]!.get('references'));
    expect(opened!.raw).toContain('Content-Type: text/plain; charset=utf-8');
    expect(opened!.raw).toContain('Content-Type: text/html; charset=utf-8');
    const unfolded = opened!.raw.replaceAll('=\r\n', ''); // soft breaks of quoted-printable
    expect(unfolded).toContain('gpu &lt;1&gt; &amp; co is idle');
    expect(unfolded).toContain('GPU utilisation: 0 %');
  });

  it('lets nothing that a machine is called end a header', async () => {
    await channel('oncall@example.com');
    await stage.tell({
      title: 'x\r\nBcc: thief@example.com\r\n\r\n<script>',
      text: 'a\r\n.\r\nMAIL FROM:<b>',
      simulated: true,
    });
    const [mail] = await mails(1);
    expect(mail!.to).toEqual(['oncall@example.com']);
    const names = [...headers(mail!.raw).keys()];
    expect(names).not.toContain('bcc');
    expect(headers(mail!.raw).get('subject')).toBe('[SIMULATED] x Bcc: thief@example.com <script>');
    expect(mail!.raw).not.toContain('<script>\r\n<');
    expect(mail!.raw).toContain('simulated data');
  });

  it('comes again after 4xx, is given up after 5xx, and says who was refused', async () => {
    const { id } = await channel('oncall@example.com');
    server.refusals.push({ at: 'data', code: 451 });
    await stage.tell({});
    await mails(1);
    expect((await first(id, 'delivered')).log.map((one: { status_code: number }) => one.status_code)).toEqual([
      250, 451,
    ]);
    server.refusals.push({ at: 'rcpt', code: 550 });
    await stage.tell({ dedupKey: 'b' });
    expect((await first(id, 'failed')).last_error).toBe('127.0.0.1 took none of the recipients (550).');
    const two = await channel('oncall@example.com', 'gone@example.com');
    server.refusals.push({ at: 'rcpt', code: 550, address: 'gone@example.com' });
    await stage.tell({ dedupKey: 'c', channelIds: [two.id] });
    expect((await first(two.id, 'delivered')).log[0].reason).toBe('127.0.0.1 did not take it for gone@example.com.');
  });

  it('goes to the domains of the installation only', async () => {
    const body = { name: 'x', channel_type: 'email', config: { recipients: ['a@stranger.example'] } };
    const refused = await stage.app.call('POST', '/api/notification-channels', { as: stage.admin, body });
    expect([refused.status, refused.body.error]).toEqual([
      400,
      expect.stringContaining('FLOTILLA_SMTP_RECIPIENT_DOMAINS'),
    ]);
  });

  it.each<[what: string, more: Partial<SmtpConfig>, allow: string[], words: RegExp]>([
    [
      'a wrong password',
      { login: { user: 'flotilla', password: 'CanaryPassword' } },
      ['127.0.0.0/8'],
      /refused the log-in \(535\)/,
    ],
    ['a certificate of nobody known', { ca: null }, ['127.0.0.0/8'], /no TLS that can be trusted/],
    ['an inside address that is not opened', {}, [], /FLOTILLA_OUTBOUND_ALLOW/],
    ['nobody there', { port: 1 }, ['127.0.0.0/8'], /nothing listens there/],
  ])('says what is wrong with %s, and no secret', async (_, more, outboundAllow, words) => {
    const { id } = await channel('oncall@example.com');
    const lines: string[] = [];
    const config = { smtp: { ...smtp, ...more }, outboundAllow };
    const app = await startTestApp({ beside: stage.app, config, log: (line) => lines.push(line) });
    const { body } = await app.call('POST', `/api/notification-channels/${id}/test`, { as: stage.admin });
    await app.close();
    expect(body.data).toMatchObject({ delivered: false, message: expect.stringMatching(words) });
    expect(JSON.stringify(body) + lines.join('')).not.toMatch(/CanaryPassword|SmtpSecret/);
  });

  it('refuses to speak in clear text where TLS is asked for', async () => {
    const plain = await TestMailServer.start({ tls: false });
    const { id } = await channel('oncall@example.com');
    const test = async (tls: SmtpConfig['tls']) => {
      const config = { smtp: { ...smtp, port: plain.port, tls, login: null } };
      const app = await startTestApp({ beside: stage.app, config });
      const { body } = await app.call('POST', `/api/notification-channels/${id}/test`, { as: stage.admin });
      await app.close();
      return body.data;
    };
    expect(await test('starttls')).toMatchObject({
      delivered: false,
      message: expect.stringContaining('FLOTILLA_SMTP_TLS'),
    });
    expect(await test('none')).toMatchObject({ delivered: true, status_code: 250 }); // an opened address
    await plain.close();
  });
});
