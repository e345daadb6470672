import { installCommand } from './install-command.js';

describe('the line that adds a host', () => {
  it.each([
    ['127.0.0.1', null, '127.0.0.1:50051', 'listens on 127.0.0.1 only'],
    ['::1', null, '[::1]:50051', 'listens on ::1 only'],
    ['0.0.0.0', null, 'localhost:50051', 'FLOTILLA_PUBLIC_URL is not set'],
    ['10.0.0.5', null, '10.0.0.5:50051', 'FLOTILLA_PUBLIC_URL is not set'],
    ['0.0.0.0', 'https://gpu.example.com', 'gpu.example.com:50051', null],
    ['0.0.0.0', 'https://[2001:db8::1]:8443', '[2001:db8::1]:50051', null],
    ['127.0.0.1', 'https://gpu.example.com', 'gpu.example.com:50051', 'listens on 127.0.0.1 only'],
  ])('for bind %s and public URL %s names %s', (bind, publicUrl, server, note) => {
    const made = installCommand({ bind, publicUrl }, 50_051, 'flt_enroll_x');
    expect(made.installCommand).toBe(`npm run agent -- --server ${server} --token flt_enroll_x`);
    if (note === null) expect(made.note).toBeNull();
    else expect(made.note).toContain(note);
  });
});
