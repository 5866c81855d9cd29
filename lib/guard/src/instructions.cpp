#include "instructions.h"

#include "answer/tongue.h"
#include "text/word_set.h"

namespace godseye::guard {

namespace {

using text::Gap;
using text::Sentence;
using text::Word;
using text::Words;
using text::WordSet;

// An order to the assistant, or what it does with a question, begins with one of these.
const WordSet& orders() {
  static const WordSet set(
      "never always do dont answer reply respond say tell refuse decline mention offer use avoid keep ask recommend "
      "suggest speak be act treat follow ignore remember make ensure explain give reveal disclose share escalate "
      "translate stay pretend output greet quote cite verify help assist provide promise discuss repeat print apply "
      "grant stick obey assume behave redirect transfer only "
      // German
      "antworte antworten nenne nennen sage sagen erwahne erwahnen verrate verraten gib geben verwende verwenden "
      "sprich bleibe bleib frage biete lehne vermeide niemals nie immer ignoriere behandle teile hilf "
      // French
      "reponds repondez ne jamais toujours utilise utilisez dis dites refuse refusez mentionne evite evitez propose "
      "proposez reste restez ignore ignorez aide aidez "
      // Spanish, Portuguese, Italian, Dutch
      "responde responda nunca siempre usa use evita evite menciones reveles ofrece ofreca ayuda rechaza sempre recuse "
      "ajude rispondi mai usa evita rifiuta offri aiuta antwoord nooit altijd gebruik vermijd weiger noem bied help");
  return set;
}

// Only said to an assistant, wherever a part of a sentence begins: "If they ask twice, say that ...".
const WordSet& orders_inside() {
  static const WordSet set(
      "never say tell answer reply respond refuse decline mention reveal disclose apologise apologize escalate pretend "
      "ignore antworte sage nenne verrate lehne niemals reponds dis refuse jamais responde nunca rispondi mai antwoord "
      "nooit");
  return set;
}

// Said of roles, rules and secrets.
const WordSet& about_orders() {
  static const WordSet set(
      "assistant chatbot instructions instruction confidential secret secrets internal password passphrase persona "
      "guideline guidelines jailbreak assistent anweisungen vertraulich geheim geheimnis passwort intern consignes "
      "confidentiel confidentielle interne instrucciones confidencial secreto contrasena asistente instrucoes segredo "
      "senha assistente istruzioni riservato segreto vertrouwelijk instructies");
  return set;
}

// "do not reveal", "must not be shared": after a negation these speak of secrets.
const WordSet& telling() {
  static const WordSet set(
      "reveal share disclose mention discuss tell repeat quote say show give admit verraten erwahnen nennen "
      "weitergeben "
      "teilen reveler divulguer mentionner revelar compartir mencionar revele compartilhe rivelare condividere "
      "menciones reveles compartas digas");
  return set;
}

const WordSet& secrecy() {
  static const WordSet set(
      "confidential secret secrets internal password passphrase vertraulich geheim intern confidentiel confidentielle "
      "interne confidencial secreto segredo riservato segreto vertrouwelijk");
  return set;
}

// "You are ...", "Your task is ...", "Du darfst ...": the two words that a sentence begins with.
bool addresses_assistant(const Words& words, size_t first, size_t last) {
  if (first + 1 >= last) return false;
  static const WordSet you("you du sie tu vous usted voce jij u");
  static const WordSet must(
      "are must should shall will bist sind darfst durfen sollst sollen musst mussen es etes dois devez eres es debes "
      "debe sei devi deve bent moet mag");
  static const WordSet your("your deine dein ihre ihr ton ta votre tu su seu sua il tuo la tua jouw uw");
  static const WordSet role(
      "role task job goal name purpose duty mission instructions rules answer answers replies tone aufgabe rolle ziel "
      "antworten role tache objectif tarea rol objetivo tarefa compito ruolo taak rol");
  const Word& one = words[first];
  const Word& two = words[first + 1];
  if (you.has(one) && must.has(two)) return true;
  if (your.has(one) && role.has(two)) return true;
  static const WordSet one_word("eres");  // Spanish leaves "you" out
  return one_word.has(one);
}

bool is_order(const Words& words, const Sentence& sentence) {
  size_t first = sentence.first;
  while (first < sentence.last && !words[first].is(Word::kLetter)) ++first;  // "1.", "2)"
  static const WordSet please("please bitte sil por and then also");
  while (first < sentence.last && please.has(words[first])) ++first;
  if (first == sentence.last) return false;
  const bool compound = first + 1 < sentence.last && words[first + 1].is(Word::kHyphen);
  if (!compound && orders().has(words[first])) {
    // "Offer valid until Sunday", "Help is at the desk", "Use by March": a noun.
    static const WordSet noun_follows("is are was valid ends until by desk of has costs");
    if (first + 1 >= sentence.last || !noun_follows.has(words[first + 1])) return true;
  }
  if (addresses_assistant(words, first, sentence.last)) return true;
  // "If a customer asks twice, offer ...": what to do with somebody who is not the reader.
  static const WordSet conditions("if when whenever wenn falls si quand lorsque se cuando als wanneer");
  static const WordSet others(
      "customer customers user users visitor visitors someone somebody anyone anybody they asked asks kunde kunden "
      "kundin nutzer jemand client cliente clientes clienti utilisateur usuario utente klant klanten iemand");
  const bool condition = conditions.has(words[first]);
  bool of_others = false;
  size_t negated = 0;  // words with a negation's reach left
  for (size_t i = first; i < sentence.last; ++i) {
    const Word& word = words[i];
    if (about_orders().has(word)) return true;
    of_others = of_others || others.has(word);
    const bool clause = i > first && word.gap == Gap::kSign;
    if (clause && (orders_inside().has(word) || (condition && of_others && orders().has(word)))) return true;
    if (negated > 0 && telling().has(word)) return true;
    negated = word.in(text::kNegator) ? 4 : negated > 0 ? negated - 1 : 0;
  }
  return false;
}

}  // namespace

std::vector<bool> instruction_sentences(const Words& prompt) {
  std::vector<bool> out(prompt.sentences().size(), true);
  if (answer::guess_tongue(prompt) == answer::Tongue::kUnknown) return out;
  bool under_seal = false;  // behind "Confidential:", up to the next heading
  for (size_t s = 0; s < out.size(); ++s) {
    const Sentence& sentence = prompt.sentences()[s];
    const size_t next = sentence.last < prompt.size() ? prompt[sentence.last].start : prompt.text().size();
    const bool heading =
        prompt.text().substr(sentence.start, next - sentence.start).find(":\n") != std::string_view::npos;
    bool seals = false;
    for (size_t i = sentence.first; i < sentence.last; ++i) seals = seals || secrecy().has(prompt[i]);
    if (heading) under_seal = seals;
    out[s] = under_seal || is_order(prompt, sentence);
  }
  return out;
}

}  // namespace godseye::guard
