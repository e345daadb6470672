/** NOTIFY channel: something of the fleet changed that people watch. */
export const FLEET_CHANGES_CHANNEL = 'flotilla_fleet';

/** What the payload says, as JSON. Small: whoever cares reads the thing itself. */
export interface FleetChange {
  readonly tenant_id: string;
  readonly kind: 'action' | 'instance' | 'event' | 'alert';
  /** An action's id, an instance's number, or what an agent told: `<agent id>:<wal epoch>:<seq>`. */
  readonly id: string | number;
}
