import { installCommand } from './install-command.js';

const where = { bind: '10.0.0.5', publicUrl: null, tls: null, httpPort: 8080, grpcPort: 50_051, handsOut: true };
const line = (more: object) => installCommand({ ...where, ...more }, 'flt_enroll_x').installCommand;

describe('the line that adds a host', () => {
  it('fetches the script from the public address and shows the token to nobody else on that host', () => {
    expect(line({ publicUrl: 'https://gpu.example.com' })).toBe(
      'curl -fsSL https://gpu.example.com/agent/install.sh | FLOTILLA_ENROLLMENT_TOKEN=flt_enroll_x ' +
        'sudo --preserve-env=FLOTILLA_ENROLLMENT_TOKEN sh -s -- --from https://gpu.example.com/agent --server gpu.example.com:50051',
    );
  });

  it('fetches it from where it listens when there is no public address', () => {
    expect(line({})).toContain('curl -fsSL http://10.0.0.5:8080/agent/install.sh');
    expect(line({ tls: {} })).toContain('curl -fsSL https://10.0.0.5:8080/agent/install.sh');
    expect(line({ bind: '::1' })).toContain('curl -fsSL http://[::1]:8080/agent/install.sh');
  });

  it('is for a clone of the repository where nothing can be fetched', () => {
    const clone = 'npm run agent -- --server 10.0.0.5:50051 --token flt_enroll_x';
    expect([line({ handsOut: false }), line({ httpPort: null })]).toEqual([clone, clone]);
  });

  it.each([
    ['127.0.0.1', null, '127.0.0.1:50051', 'listens on 127.0.0.1 only'],
    ['::1', null, '[::1]:50051', 'listens on ::1 only'],
    ['0.0.0.0', null, 'localhost:50051', 'FLOTILLA_PUBLIC_URL is not set'],
    ['10.0.0.5', null, '10.0.0.5:50051', 'FLOTILLA_PUBLIC_URL is not set'],
    ['0.0.0.0', 'https://gpu.example.com', 'gpu.example.com:50051', null],
    ['0.0.0.0', 'https://[2001:db8::1]:8443', '[2001:db8::1]:50051', null],
    ['127.0.0.1', 'https://gpu.example.com', 'gpu.example.com:50051', 'listens on 127.0.0.1 only'],
  ])('for bind %s and public URL %s names %s', (bind, publicUrl, server, note) => {
    const made = installCommand({ ...where, bind, publicUrl }, 'flt_enroll_x');
    expect(made.server).toBe(server);
    expect(made.installCommand).toContain(` --server ${server}`);
    if (note === null) expect(made.note).toBeNull();
    else expect(made.note).toContain(note);
  });
});
