import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { TestAuthority } from './fake-control-plane/authority.js';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, headers and all. */
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** Refuses with this reply: 4xx to come again, 5xx for good. */
const reply = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

/** A real SMTP server (the package smtp-server) on loopback: STARTTLS with a certificate of its own authority, and a log-in. */
export class TestMailServer {
  static readonly USER = 'flotilla';
  static readonly PASSWORD = 'SmtpSecret0001';
  readonly mails: Mail[] = [];
  /** Given to the next RCPT or DATA, oldest first. */
  readonly refusals: { readonly at: 'rcpt' | 'data'; readonly code: number; readonly address?: string }[] = [];

  private constructor(
    private readonly server: SMTPServer,
    readonly ca: string,
  ) {}

  static async start(options: { readonly tls?: boolean } = {}): Promise<TestMailServer> {
    const authority = await TestAuthority.create();
    const { chainPem, keyPem } = await authority.forServer('127.0.0.1');
    const server = new SMTPServer({
      key: keyPem,
      cert: chainPem,
      authOptional: options.tls === false,
      disabledCommands: options.tls === false ? ['STARTTLS', 'AUTH'] : [],
      onAuth: (auth, _session, callback) => {
        const fine = auth.username === TestMailServer.USER && auth.password === TestMailServer.PASSWORD;
        if (fine) callback(null, { user: auth.username });
        else callback(reply(535, 'no such user'));
      },
      onRcptTo: (address, _session, callback) => {
        const next = fake.refusals[0];
        if (next?.at !== 'rcpt' || (next.address && next.address !== address.address)) return callback();
        fake.refusals.shift();
        callback(reply(next.code, 'not here'));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (fake.refusals[0]?.at === 'data') return callback(reply(fake.refusals.shift()!.code, 'not now'));
          fake.mails.push({
            from: (session.envelope.mailFrom as { address: string }).address,
            to: session.envelope.rcptTo.map((one) => one.address),
            raw: Buffer.concat(chunks).toString('utf8'),
            secure: session.secure,
            user: session.user as string | undefined,
          });
          callback();
        });
      },
    });
    server.on('error', () => undefined); // clients that hang up are what tests do
    const fake = new TestMailServer(server, authority.caPem);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
