"""ddtrace 4.16.0 (PyPI) LLM Observability, unmodified: every kind of span by hand, the integrations of OpenAI, Google
GenAI and LangChain against a local provider, evaluations and feedback. Which way it sends is said by its environment."""

import time

from say import PROVIDER, ids, only_our_complaints, say

only_our_complaints()

from ddtrace.llmobs import LLMObs  # noqa: E402

LLMObs.enable()

if PROVIDER:
    import openai  # noqa: E402
    from google import genai  # noqa: E402
    from langchain_openai import ChatOpenAI  # noqa: E402


def by_hand():
    with LLMObs.workflow(name="answer", session_id="py-session-1") as workflow:
        LLMObs.annotate(input_data="where is my order?", output_data="on its way", tags={"user_id": "ada", "tier": "gold"})
        with LLMObs.retrieval(name="search"):
            LLMObs.annotate(input_data="orders", output_data=[{"text": "order 7 has shipped", "name": "orders", "id": "7", "score": 0.9}])
        with LLMObs.embedding(name="embed", model_name="text-embedding-3-small", model_provider="openai"):
            LLMObs.annotate(input_data=[{"text": "where is my order?"}], output_data="[1 vector]", metrics={"input_tokens": 6, "total_tokens": 6})
        with LLMObs.tool(name="track"):
            LLMObs.annotate(input_data={"order": 7}, output_data={"state": "shipped"})
        with LLMObs.agent(name="planner"), LLMObs.task(name="plan"):
            LLMObs.annotate(input_data="plan", output_data="done")
        with LLMObs.llm(name="write", model_name="gpt-4o-mini", model_provider="openai") as span:
            LLMObs.annotate(
                input_data=[{"role": "system", "content": "be short"}, {"role": "user", "content": "where is my order? (grüße 👋)"}],
                output_data=[{"role": "assistant", "content": "It has shipped."}],
                metadata={"temperature": 0.2, "max_tokens": 50},
                metrics={"input_tokens": 1000, "output_tokens": 200, "total_tokens": 1200, "cache_read_input_tokens": 400},
                prompt={"id": "order-prompt", "version": "3", "template": "Answer {{question}}", "variables": {"question": "where is my order?"}},
            )
            say("write", **ids(span), exported=LLMObs.export_span(span))
        say("answer", **ids(workflow), exported=LLMObs.export_span(workflow))
    try:
        with LLMObs.llm(name="broken", model_name="gpt-4o-mini", model_provider="openai", session_id="py-session-1") as span:
            say("broken", **ids(span))
            LLMObs.annotate(input_data="hello")
            raise RuntimeError("the model is away")
    except RuntimeError:
        pass


def by_integrations():
    with LLMObs.workflow(name="openai", session_id="py-session-openai") as span:
        say("openai", **ids(span))
        client = openai.OpenAI(api_key="sk-test", base_url=f"{PROVIDER}/v1", max_retries=0)

        def ask(content, **more):
            return client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": content}], **more)

        ask("plain question")
        for _ in ask("streamed question", stream=True, stream_options={"include_usage": True}):
            pass
        weather = {"name": "get_weather", "description": "weather of a city", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
        ask("the weather?", tools=[{"type": "function", "function": weather}])
        try:
            ask("status 429")
        except openai.RateLimitError:
            pass
    with LLMObs.workflow(name="google", session_id="py-session-google") as span:
        say("google", **ids(span))
        google = genai.Client(api_key="test", http_options={"base_url": PROVIDER})
        google.models.generate_content(model="gemini-2.5-flash", contents="plain question")
        for _ in google.models.generate_content_stream(model="gemini-2.5-flash", contents="streamed question"):
            pass
    with LLMObs.workflow(name="langchain", session_id="py-session-langchain") as span:
        say("langchain", **ids(span))
        ChatOpenAI(model="gpt-4o-mini", api_key="sk-test", base_url=f"{PROVIDER}/v1", max_retries=0).invoke("chained question")


def judged():
    with LLMObs.llm(name="judged", model_name="gpt-4o-mini", model_provider="openai", session_id="py-session-3") as span:
        LLMObs.annotate(input_data="is it?", output_data="it is")
        exported = LLMObs.export_span(span)
        say("judged", **ids(span), exported=exported)
    LLMObs.submit_evaluation(label="helpfulness", metric_type="score", value=0.8, span=exported, tags={"judge": "test"}, reasoning="it answers")
    LLMObs.submit_evaluation(label="tone", metric_type="categorical", value="friendly", span=exported, assessment="pass")
    LLMObs.submit_evaluation(label="grounded", metric_type="boolean", value=True, span=exported)
    LLMObs.submit_feedback(label="thumb", metric_type="categorical", value="up", submitter={"id": "ada"}, span=exported)


if __name__ == "__main__":
    by_hand()
    if PROVIDER:
        by_integrations()
    judged()
    LLMObs.flush()
    time.sleep(1.5)
