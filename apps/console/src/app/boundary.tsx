import { Component } from 'react';
import type { ReactNode } from 'react';
import { Failed } from '../ui/states';

interface State {
  readonly error: unknown;
}

/** A screen that fails leaves the navigation standing. */
export class Boundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failed error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
