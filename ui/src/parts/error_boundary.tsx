// A bug in one page must not take the menu with it.
import { Component, type ReactNode } from 'react';

export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: string | null }> {
  override state = { failed: null };

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.failed === null) return this.props.children;
    return (
      <div className="notice notice-bad" role="alert">
        <strong>This page failed to draw.</strong> Your data is not affected. Reload the page; if it happens again, the
        text below helps to find the fault.
        <pre className="detail">{this.state.failed}</pre>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
}
