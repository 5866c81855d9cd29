import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/llm.css';
import './styles/traces.css';
import './styles/views.css';
import './styles/guard.css';
import './styles/gateway.css';
import './styles/monitor.css';
import './styles/access.css';
import './styles/incidents.css';
import { startLive } from './api/live';
import { startSession } from './api/session';
import { App } from './app';

void startSession().then(startLive);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
