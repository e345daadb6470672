import type { EscalationStep, Severity } from '@flotilla/domain';

/** What an alert is about. */
export interface AlertSubject {
  readonly type: 'instance' | 'gpu' | 'agent' | 'budget' | 'tenant' | 'policy' | 'model' | 'control_plane';
  /** Tells it from others of its type: a number of an instance, `<number>/<gpu uuid>`, an agent's id, `<provider>/<model>`. */
  readonly id: string;
  /** How a person recognises it. */
  readonly label: string;
  /** The number of the instance that it is or belongs to; null: none. */
  readonly instanceId: number | null;
}

/** Something that fires. */
export interface RaisedAlert {
  readonly tenantId: string;
  readonly alertType: string;
  readonly source: 'rule' | 'built_in' | 'agent' | 'budget' | 'policy';
  readonly ruleId: number | null;
  readonly ruleName?: string | undefined;
  /** Key of a rule that is built in; what the tenant set for it decides about severity and channels. */
  readonly builtIn: string | null;
  /** Tells apart what comes from neither; null: the type and the subject do. */
  readonly key?: string | null | undefined;
  readonly subject: AlertSubject;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  /** The numbers that made it fire, in wire names. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly at: Date;
  /** null: every channel that takes the type. */
  readonly channelIds: readonly number[] | null;
  readonly escalation?: readonly EscalationStep[] | undefined;
  readonly cooldownMinutes?: number | undefined;
  /** One telling for many subjects of one rule that fire together. */
  readonly group?: boolean | undefined;
  readonly simulated: boolean;
}

/** What names an alert whose condition is over. */
export type AlertKey = Pick<RaisedAlert, 'alertType' | 'ruleId' | 'builtIn' | 'key'> & {
  readonly subject: Pick<AlertSubject, 'type' | 'id'>;
};

/** What makes a repeated alert the same one: rule and subject. */
export function identityOf({ alertType, ruleId, builtIn, key, subject }: AlertKey): string {
  const origin = ruleId !== null ? `rule:${ruleId}` : builtIn !== null ? `built_in:${builtIn}` : `type:${alertType}`;
  return [origin, `${subject.type}:${subject.id}`, ...(key ? [key] : [])].join('|').slice(0, 600);
}
