import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../platform/index.js';
import { isCommon } from './common-passwords.js';

/** OWASP's argon2id minimum: 19 MiB, two passes, one lane; about 60 ms. Algorithm 2 is argon2id (a const enum there). */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';
/** Hashes at once: more would only take memory and turns from each other. */
const AT_ONCE = 2;
/** About 6 s of waiting; beyond that a login is told to come back. */
const MOST_WAITING = 200;

/** Hashes and checks passwords, a few at a time. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  async hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, COST));
  }

  /**
   * @param stored null for a user who is not there or has no password: takes as long as for one who has
   */
  async matches(password: string, stored: string | null): Promise<boolean> {
    const target = stored ?? (await (this.decoy ??= this.hash(randomBytes(24).toString('hex'))));
    const matched = await this.inTurn(() => verify(target, password));
    return matched && stored !== null;
  }

  /** Whether the hash was made with other costs than today's. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(PREFIX);
  }

  /** @throws AppError VALIDATION_ERROR saying what is wrong with a new password */
  assertGood(password: string, email: string, field = 'password'): void {
    const lower = password.toLowerCase();
    const weak = isCommon(lower) || lower === email || lower === email.split('@')[0];
    if (!weak) return;
    throw new AppError(
      'VALIDATION_ERROR',
      `${field}: this password is among the first that are guessed. Take a longer one, several words for example.`,
      {
        field,
        expected: 'a password that is not common and not the e-mail address',
      },
    );
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= MOST_WAITING) {
        throw new AppError(
          'SERVICE_UNAVAILABLE',
          'Too many people log in at this moment. Repeat in a few seconds.',
          undefined,
          5,
        );
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
