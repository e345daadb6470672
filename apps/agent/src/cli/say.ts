/** A line for who called the command. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A line of trouble, apart from what a program reads from stdout. */
export const complain = (line: string): void => void process.stderr.write(`${line}\n`);
