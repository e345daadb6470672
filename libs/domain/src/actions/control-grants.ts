/** Kinds that act on the very host that the agent runs on: they need nobody's leave. */
export const OWN_HOST_KINDS: readonly string[] = ['self', 'command', 'systemd', 'docker', 'podman'];

/**
 * Whether an agent may announce a control of this kind. Whatever is not known to act on its own host could act on
 * other machines, so it needs a grant of its kind (`aws-ec2`) or of its family (`aws`).
 *
 * @param grants what an admin gave the agent, by its enrolment token or later
 */
export function mayAnnounce(kind: string, grants: readonly string[]): boolean {
  return (
    OWN_HOST_KINDS.includes(kind) ||
    grants.some((grant) => grant !== '' && (kind === grant || kind.startsWith(`${grant}-`)))
  );
}
