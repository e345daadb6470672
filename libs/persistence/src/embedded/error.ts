/** Why the embedded PostgreSQL cannot serve: a sentence with its mend, for the person who starts Flotilla. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The words of a file-system error that help; undefined for any other error. */
export function explainIo(error: unknown, doing: string, path: string): EmbeddedPostgresError | undefined {
  const because = {
    ENOSPC: 'the disk is full: free some space and start again',
    EDQUOT: "this user's disk quota is used up: free some space and start again",
    EACCES: 'permission is missing: give this user the folder, or name another one with FLOTILLA_DATA_DIR',
    EPERM: 'permission is missing: give this user the folder, or name another one with FLOTILLA_DATA_DIR',
    EROFS: 'the file system is read-only: name another folder with FLOTILLA_DATA_DIR',
    ENOTDIR: 'part of that path is a file and not a folder: name another one with FLOTILLA_DATA_DIR',
    ENAMETOOLONG: 'the path is too long: name a shorter one with FLOTILLA_DATA_DIR',
  }[(error as NodeJS.ErrnoException)?.code ?? ''];
  return because === undefined ? undefined : new EmbeddedPostgresError(`cannot ${doing} ${path}: ${because}`);
}
