import { lazy } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';
import {
  Activity,
  Bell,
  BellRing,
  CalendarClock,
  Gauge,
  KeyRound,
  ListChecks,
  Megaphone,
  ScrollText,
  Settings as SettingsIcon,
  Server,
  ShieldCheck,
  Sparkles,
  Wallet,
  Target,
  PiggyBank,
  Download,
  Webhook,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export interface Screen {
  /** Address, with parameters as :name. */
  readonly path: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** In the navigation under this heading; left out: reached from another screen. */
  readonly group?: 'Fleet' | 'Money' | 'Decisions' | 'Administration';
  /** Pressed after g: "g f" goes to the fleet. */
  readonly key?: string;
  /** Other words by which the palette finds it. */
  readonly words?: string;
  /** Who may do what it is there for; left out: everybody looks. */
  readonly role?: 'admin';
  readonly view: LazyExoticComponent<ComponentType>;
}

/** Every screen of the console. Navigation, palette, keys and the router read this one table. */
export const SCREENS: readonly Screen[] = [
  {
    path: '/',
    title: 'Fleet',
    icon: Server,
    group: 'Fleet',
    key: 'f',
    words: 'instances gpus machines hosts',
    view: lazy(() => import('../instances/instances-screen')),
  },
  {
    path: '/instances/:id',
    title: 'Instance',
    icon: Gauge,
    view: lazy(() => import('../instances/instance-screen')),
  },
  {
    path: '/costs',
    title: 'Costs',
    icon: Wallet,
    group: 'Money',
    key: 'c',
    words: 'spend bill finops breakdown showback forecast import focus currency rates allocation',
    view: lazy(() => import('../costs/costs-screen')),
  },
  {
    path: '/ai-spend',
    title: 'AI spend',
    icon: Sparkles,
    group: 'Money',
    key: 't',
    words: 'tokens models llm providers unit economics break even prices drift',
    view: lazy(() => import('../ai-spend/ai-spend-screen')),
  },
  {
    path: '/agents/new',
    title: 'Add a host',
    role: 'admin',
    icon: KeyRound,
    group: 'Fleet',
    key: 'a',
    words: 'install agent enrol token first run',
    view: lazy(() => import('../agents/add-host-screen')),
  },
  {
    path: '/alerts',
    title: 'Alerts',
    icon: Bell,
    group: 'Decisions',
    key: 'l',
    words: 'inbox incidents firing acknowledge',
    view: lazy(() => import('../alerts/alerts-screen')),
  },
  {
    path: '/policies',
    title: 'Policies',
    icon: ShieldCheck,
    group: 'Decisions',
    key: 'p',
    words: 'enforcement idle stop automatic arm template',
    view: lazy(() => import('../enforcement-policies/policies-screen')),
  },
  {
    path: '/policies/new',
    title: 'New policy',
    role: 'admin',
    icon: ShieldCheck,
    view: lazy(() => import('../enforcement-policies/template-gallery-screen')),
  },
  {
    path: '/policies/new/:template',
    title: 'New policy',
    role: 'admin',
    icon: ShieldCheck,
    view: lazy(() => import('../enforcement-policies/new-policy-screen')),
  },
  {
    path: '/policies/:id',
    title: 'Policy',
    icon: ShieldCheck,
    view: lazy(() => import('../enforcement-policies/policy-screen')),
  },
  {
    path: '/alert-rules',
    title: 'Alert rules',
    icon: BellRing,
    group: 'Decisions',
    key: 'r',
    words: 'thresholds conditions built-in',
    view: lazy(() => import('../alert-rules/rules-screen')),
  },
  {
    path: '/alert-rules/new',
    title: 'New alert rule',
    role: 'admin',
    icon: BellRing,
    view: lazy(() => import('../alert-rules/rule-screen')),
  },
  {
    path: '/alert-rules/:id',
    title: 'Alert rule',
    icon: BellRing,
    view: lazy(() => import('../alert-rules/rule-screen')),
  },
  {
    path: '/notification-channels',
    title: 'Channels',
    icon: Megaphone,
    group: 'Decisions',
    key: 'n',
    words: 'notifications slack pagerduty opsgenie teams discord e-mail webhook quiet hours digest',
    view: lazy(() => import('../notification-channels/channels-screen')),
  },
  {
    path: '/notification-channels/new',
    title: 'New channel',
    role: 'admin',
    icon: Megaphone,
    view: lazy(() => import('../notification-channels/channel-screen')),
  },
  {
    path: '/notification-channels/:id',
    title: 'Channel',
    icon: Megaphone,
    view: lazy(() => import('../notification-channels/channel-screen')),
  },
  {
    path: '/maintenance-windows',
    title: 'Maintenance',
    icon: CalendarClock,
    group: 'Decisions',
    key: 'm',
    words: 'windows calendar silence suppress downtime recurring',
    view: lazy(() => import('../maintenance-windows/windows-screen')),
  },
  {
    path: '/actions',
    title: 'Actions',
    icon: ListChecks,
    group: 'Decisions',
    key: 'q',
    words: 'approvals approve reject queue stop start pending',
    view: lazy(() => import('../actions/actions-screen')),
  },
  {
    path: '/actions/:id',
    title: 'Action',
    icon: ListChecks,
    view: lazy(() => import('../actions/action-screen')),
  },
  {
    path: '/webhooks',
    title: 'Webhooks',
    role: 'admin',
    icon: Webhook,
    group: 'Administration',
    key: 'w',
    words: 'events post http deliveries secret',
    view: lazy(() => import('../webhooks/webhooks-screen')),
  },
  {
    path: '/webhooks/:id',
    title: 'Webhook',
    role: 'admin',
    icon: Webhook,
    view: lazy(() => import('../webhooks/webhook-screen')),
  },
  {
    path: '/events',
    title: 'Events',
    icon: Activity,
    group: 'Administration',
    words: 'log happened history stream',
    view: lazy(() => import('../events/events-screen')),
  },
  {
    path: '/audit',
    title: 'Audit',
    role: 'admin',
    icon: ScrollText,
    group: 'Administration',
    words: 'who did what verify record tamper',
    view: lazy(() => import('../audit/audit-screen')),
  },
  {
    path: '/budgets',
    title: 'Budgets',
    icon: Target,
    group: 'Money',
    key: 'b',
    words: 'limit forecast overrun spend threshold',
    view: lazy(() => import('../budgets/budgets-screen')),
  },
  { path: '/budgets/:id', title: 'Budget', icon: Target, view: lazy(() => import('../budgets/budget-screen')) },
  {
    path: '/savings',
    title: 'Savings',
    icon: PiggyBank,
    group: 'Money',
    key: 's',
    words: 'estimated observed verified stops idle',
    view: lazy(() => import('../savings/savings-screen')),
  },
  {
    path: '/exports',
    title: 'Exports',
    icon: Download,
    group: 'Money',
    key: 'x',
    words: 'csv json pdf focus download file report',
    view: lazy(() => import('../exports/exports-screen')),
  },
  {
    path: '/settings',
    title: 'Settings',
    icon: SettingsIcon,
    group: 'Administration',
    key: ',',
    words: 'users people keys agents tokens tenant password gate retention',
    view: lazy(() => import('../settings/settings-screen')),
  },
  {
    path: '/settings/:tab',
    title: 'Settings',
    icon: SettingsIcon,
    view: lazy(() => import('../settings/settings-screen')),
  },
];
