"""ddtrace 4.16.0 (PyPI), unmodified, with no agent at all: LLM spans inside agentless APM traces (`/v1/input`). Its intake
has no setting of its own, so the table of sites leads to the address in GE_INTAKE, as DNS and TLS would."""

import os

from say import ids, only_our_complaints, say

only_our_complaints()

from ddtrace import tracer  # noqa: E402
from ddtrace.internal.writer import writer  # noqa: E402
from ddtrace.llmobs import LLMObs  # noqa: E402

writer.AGENTLESS_INTAKE_URLS["datadoghq.com"] = os.environ["GE_INTAKE"]
LLMObs.enable(agentless_enabled=True)

with tracer.trace("web.request", resource="GET /chat") as request:
    request.set_tag("customer.tier", "gold")
    with LLMObs.workflow(name="answer", session_id="py-session-agentless") as workflow:
        LLMObs.annotate(input_data="where is my order?", output_data="on its way", tags={"user.id": "ada"})
        with LLMObs.llm(name="write", model_name="gpt-4o-mini", model_provider="openai") as span:
            LLMObs.annotate(
                input_data=[{"role": "user", "content": "where is my order? (grüße 👋)"}],
                output_data=[{"role": "assistant", "content": "It has shipped."}],
                metrics={"input_tokens": 1000, "output_tokens": 200, "total_tokens": 1200, "cache_read_input_tokens": 400},
            )
            say("write", **ids(span), exported=LLMObs.export_span(span))
    say("request", **ids(request))
try:
    with LLMObs.llm(name="broken", model_name="gpt-4o-mini", model_provider="openai", session_id="py-session-agentless"):
        raise RuntimeError("the model is away")
except RuntimeError:
    pass
LLMObs.flush()
tracer.flush()
