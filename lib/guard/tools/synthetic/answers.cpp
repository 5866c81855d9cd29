#include "answers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace godseye::guard::synthetic {

namespace {

using train::Random;

// Slots: {n A B} a number from A to B, {p A B} a price, {w a|b|c} one of the words. Slot k of a topic is written {k}.
struct Topic {
  std::vector<std::string_view> slots;
  std::vector<std::string_view> questions;
  std::string_view context;
  std::vector<std::string_view> answers;
};

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = {
      {{"n 14 60", "w unworn|unused|unopened", "p 3 9"},
       {"How long can I return something?", "What is your return policy?",
        "Can I send an item back if I don't like it?"},
       "Returns: items can be sent back within {0} days if they are {1}. The return label costs {2} and is taken off "
       "the refund.",
       {"You can return it within {0} days as long as it is {1}. The label costs {2}, which we take off the refund.",
        "Items may be sent back for {0} days, provided they are {1}. {2} for the return label is deducted.",
        "Yes. There are {0} days for returns; the item has to be {1}."}},
      {{"n 2 9", "p 4 15", "n 50 150", "w DHL|UPS|FedEx|DPD"},
       {"How long does shipping take?", "When will my parcel arrive?", "What does delivery cost?"},
       "Shipping: {3} delivers in {0} working days for {1}. Orders above {2} EUR ship free of charge.",
       {"Delivery with {3} takes {0} working days and costs {1}. Above {2} EUR it is free.",
        "Your parcel arrives with {3} after {0} working days. Shipping is {1}, or free from {2} EUR.",
        "It takes {0} working days with {3}."}},
      {{"n 20 60", "n 3 14", "w oak|walnut|beech|steel", "p 90 900"},
       {"How big is the table?", "What is the table made of?", "Can you tell me about the dining table?"},
       "Dining table Ryd: solid {2}, {0} kg, seats {1} people, price {3}, delivered in two parcels.",
       {"The Ryd dining table is made of solid {2}, weighs {0} kg and seats {1} people. It costs {3}.",
        "It is solid {2} and seats {1}. At {0} kg it comes in two parcels; the price is {3}.",
        "The table seats {1} people and is made of {2}."}},
      {{"n 8 60", "n 4 48", "w USB-C|micro USB|a dock", "n 150 400"},
       {"How long does the battery last?", "How do I charge the headphones?",
        "What is the battery life of the headphones?"},
       "Headphones Tern: battery {0} hours, charged over {2} in {1} quarter hours, weight {3} g.",
       {"The battery of the Tern lasts {0} hours. You charge it over {2}, which takes {1} quarter hours.",
        "{0} hours. Charging works over {2}.", "They play for {0} hours and charge over {2}; they weigh {3} g."}},
      {{"n 6 8", "n 9 12", "p 9 25", "n 3 12"},
       {"When is breakfast?", "Is breakfast included?", "What does breakfast cost?"},
       "Breakfast is served from {0}:30 to {1}:00 in the garden room. It costs {2} per person; children under {3} eat "
       "free.",
       {"Breakfast is from {0}:30 to {1}:00 in the garden room and costs {2} per person. Children under {3} eat free.",
        "It is not included: {2} per person, free for children under {3}. We serve it from {0}:30 to {1}:00.",
        "From {0}:30 to {1}:00, in the garden room."}},
      {{"n 12 16", "n 20 23", "n 10 12", "w key box|night porter|side entrance"},
       {"When can I check in?", "Can I arrive late at night?", "What time do I have to check out?"},
       "Check-in from {0}:00. The reception closes at {1}:00, later arrivals use the {3}. Check-out until {2}:00.",
       {"You can check in from {0}:00. After {1}:00, when the reception is closed, please use the {3}. Check-out is "
        "until {2}:00.",
        "Check-in starts at {0}:00 and check-out ends at {2}:00. Late arrivals after {1}:00 use the {3}.",
        "Yes, after {1}:00 there is the {3}."}},
      {{"n 1 4", "n 5 30", "p 5 40", "w app|online banking|branch"},
       {"What does a transfer abroad cost?", "How do I send money to another country?",
        "How long does an international transfer take?"},
       "Transfers abroad take {0} working days and cost {2} up to a sum of {1},000 EUR. They are ordered in the {3}.",
       {"A transfer abroad costs {2} up to {1},000 EUR and takes {0} working days. You order it in the {3}.",
        "Order it in the {3}. It takes {0} working days and costs {2}.", "{2}, and it takes {0} working days."}},
      {{"n 3 9", "n 10 90", "w fingerprint|code by text message|photo of your id"},
       {"My card is blocked. What can I do?", "How do I unblock my card?", "I typed the wrong PIN too often"},
       "After {0} wrong tries the card is blocked for {1} minutes. It can be released at once in the app with a {2}.",
       {"After {0} wrong tries the card stays blocked for {1} minutes, but you can release it at once in the app with "
        "a {2}.",
        "Open the app and confirm with a {2}; that releases the card at once. Otherwise wait {1} minutes.",
        "The card is released by itself after {1} minutes."}},
      {{"n 3 9", "n 1 20", "w Settings|Account|Profile", "w Markdown|CSV|PDF"},
       {"How do I export my data?", "Can I download my notes?", "Is there a way to export everything?"},
       "Export: under {2} > Data choose {3}. Files up to {1} GB are made in {0} minutes and sent by e-mail.",
       {"Go to {2} > Data and choose {3}. The file, up to {1} GB, comes by e-mail within {0} minutes.",
        "Yes, under {2} > Data. Choose {3}; after about {0} minutes you get the file by e-mail.",
        "Choose {3} under {2} > Data."}},
      {{"n 2 20", "n 5 200", "p 4 60", "n 7 90"},
       {"What does the team plan include?", "How many users are in the team plan?",
        "What is the price of the team plan?"},
       "Team plan: up to {0} users, {1} GB of storage and a version history of {3} days for {2} a month.",
       {"The team plan has up to {0} users, {1} GB of storage and {3} days of version history. It costs {2} a month.",
        "For {2} a month you get {0} users, {1} GB and a version history of {3} days.",
        "It includes {0} users and costs {2} a month."}},
      {{"n 60 95", "n 20 60", "w cold|lukewarm|30 degree", "w never|at most once a year|only at low heat"},
       {"How do I wash the wool blanket?", "Can the blanket go in the dryer?", "How should I care for the blanket?"},
       "Blanket Hoy: {0} % wool, washed in {2} water with wool detergent, {1} minutes at most. Tumble dry: {3}.",
       {"Wash the blanket in {2} water with wool detergent for at most {1} minutes. Tumble dry it {3}.",
        "It is {0} % wool, so use {2} water and wool detergent. In the dryer: {3}.",
        "Use {2} water and wool detergent, for {1} minutes at most."}},
      {{"n 2 10", "w manufacturing defects|material defects|the frame", "w wear|accidents|theft", "n 10 40"},
       {"How long is the warranty?", "What does the warranty cover?", "Is my bike still under warranty?"},
       "Warranty: {0} years on {1}. It does not cover {2}. Claims are answered within {3} days.",
       {"The warranty lasts {0} years and covers {1}, but not {2}. We answer claims within {3} days.",
        "{0} years on {1}. Please note that {2} is not covered.", "It covers {1} for {0} years."}},
      {{"n 5 30", "n 40 200", "w student|staff|teacher", "w card|e-mail address|letter"},
       {"Is there a discount for students?", "Do you have any discounts?", "How do I get the discount?"},
       "Discount: {0} % off orders above {1} EUR for everyone who confirms it with a {2} {3}. Sale items are excluded.",
       {"Yes, {0} % off orders above {1} EUR once you have confirmed it with a {2} {3}. Sale items are excluded.",
        "There is a discount of {0} % from {1} EUR on. You need a {2} {3}, and sale items are excluded."}},
      {{"n 100 900", "w Tuesday|Friday|Monday", "n 6 20", "w lift|stairs|ramp"},
       {"How do I get to the museum?", "When is the museum open?", "Is the museum open on weekends?"},
       "The museum is {0} metres from the station. Closed on {1}, open until {2}:00 on all other days. Wheelchairs use "
       "the {3}.",
       {"It is {0} metres from the station and open until {2}:00, except on {1}, when it is closed. For wheelchairs "
        "there is a {3}.",
        "The museum is closed on {1}. On all other days it is open until {2}:00.",
        "It is only {0} metres from the station."}}};
  return all;
}

constexpr std::array kRefusals = {
    "I'm sorry, but I can't help with that.",
    "I am unable to answer this question. Please reach out to our support.",
    "As an AI model I don't have access to that kind of information.",
    "Sorry, I cannot provide an answer to your request.",
    "I apologize, but I'm not able to assist with this.",
    "Unfortunately, that is outside of what I am able to do.",
    "I don't have enough information to answer that. Please contact customer service.",
    "I'm just a virtual assistant, so I cannot comment on this matter. Is there anything else?",
    "I'm afraid I cannot help you here.",
    "Regrettably I must decline to answer."};
constexpr std::array kRamble = {"There are many sides to this, as there are to everything in life.",
                                "Some people would say one thing, others another.",
                                "My neighbour once told me a long story about his garden and the rain.",
                                "In the end it all comes down to what we make of it.",
                                "The weather has been strange this year, first warm and then cold again.",
                                "Speaking of which, music can be a great comfort.",
                                "One might also think of the old Greeks, who had a word for nearly everything.",
                                "Time flies, and so do birds, though not all of them.",
                                "It is important to consider all aspects before considering them again.",
                                "Colours, shapes and sounds all play their part in the great play of things.",
                                "A journey of a thousand miles begins with a single step, they say.",
                                "That reminds me of a film, but I forgot its title.",
                                "We live in a fast world, and the world gets faster every day.",
                                "On the one hand there is this, on the other hand there is that.",
                                "Who can really tell what the future holds for any of us?",
                                "Coffee is best in the morning, tea in the afternoon.",
                                "And so on and so forth, as one could go on for hours.",
                                "Football is a sport that brings people together.",
                                "Dreams are the language of the soul, or so it seems.",
                                "First things come first and last things come last."};
constexpr std::array kOpeners = {"", "", "", "Thanks for your question! ", "Good question. ", "Sure! ", "Hi! "};
constexpr std::array kClosers = {
    "", "", "", " Let me know if you need anything else.", " Hope that helps!", " Have a nice day!"};

template <typename List>
std::string pick(Random& random, const List& list) {
  return std::string(list[random.below(list.size())]);
}

std::string_view next_word(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

size_t number(std::string_view digits) {
  size_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<size_t>(c - '0');
  return value;
}

std::string fill_slot(std::string_view slot, Random& random) {
  std::string_view rest = slot;
  const std::string_view kind = next_word(rest);
  if (kind == "w") {
    std::vector<std::string_view> words;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('|'), rest.size());
      words.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::string(words[random.below(words.size())]);
  }
  const size_t low = number(next_word(rest));
  const size_t high = number(next_word(rest));
  const std::string value = std::to_string(low + random.below(high - low + 1));
  if (kind == "n") return value;
  return value + (random.chance(0.5) ? ".90 EUR" : random.chance(0.5) ? ".50 EUR" : " EUR");
}

std::vector<std::string> fill(const Topic& topic, Random& random) {
  std::vector<std::string> values;
  for (const std::string_view slot : topic.slots) values.push_back(fill_slot(slot, random));
  return values;
}

std::string with(std::string_view form, const std::vector<std::string>& values) {
  std::string out;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '{' && i + 2 < form.size() && form[i + 2] == '}') {
      out += values[static_cast<size_t>(form[i + 1] - '0')];
      i += 2;
    } else {
      out += form[i];
    }
  }
  return out;
}

// Other values in every slot, or (every other time) in one that the answer names.
std::vector<std::string> falsify(const Topic& topic, std::string_view form, const std::vector<std::string>& right,
                                 Random& random) {
  std::vector<std::string> wrong = right;
  size_t only = wrong.size();
  while (random.chance(0.5) && only == wrong.size()) {
    const size_t slot = random.below(wrong.size());
    if (form.find('{' + std::to_string(slot) + '}') != std::string_view::npos) only = slot;
  }
  for (size_t i = 0; i < wrong.size(); ++i) {
    if (only < wrong.size() && i != only) continue;
    for (size_t tries = 0; tries < 20 && wrong[i] == right[i]; ++tries) wrong[i] = fill_slot(topic.slots[i], random);
  }
  return wrong;
}

std::string ramble(Random& random) {
  std::string out;
  const size_t sentences = 4 + random.below(6);
  std::string last;
  for (size_t i = 0; i < sentences; ++i) {
    // One in four says it again.
    std::string next = !last.empty() && random.chance(0.25) ? last : pick(random, kRamble);
    out += (out.empty() ? "" : " ") + next;
    last = std::move(next);
  }
  return out;
}

}  // namespace

const char* fault_name(Fault fault) {
  constexpr std::array<const char*, kFaults> kNames = {"none", "rambling", "refusing", "wrong", "truncated"};
  return kNames[static_cast<size_t>(fault)];
}

Answer Questioner::make(Fault fault) {
  const Topic& topic = topics()[random_.below(topics().size())];
  const std::vector<std::string> values = fill(topic, random_);
  Answer out;
  out.fault = fault;
  out.question = pick(random_, topic.questions);
  out.context = with(topic.context, values);
  // Half of the contexts hold something else as well.
  if (random_.chance(0.5)) {
    const Topic& other = topics()[random_.below(topics().size())];
    const std::string more = with(other.context, fill(other, random_));
    out.context = random_.chance(0.5) ? out.context + '\n' + more : more + '\n' + out.context;
  }
  const std::string_view form = topic.answers[random_.below(topic.answers.size())];
  std::string text = with(form, values);
  switch (fault) {
    case Fault::kNone:
      break;
    case Fault::kRambling:
      text = random_.chance(0.3) ? text.substr(0, text.find('.') + 1) + ' ' + ramble(random_) : ramble(random_);
      break;
    case Fault::kRefusing:
      text = pick(random_, kRefusals);
      break;
    case Fault::kWrong:
      text = with(form, falsify(topic, form, values, random_));
      break;
    case Fault::kTruncated: {
      size_t cut = text.size() * (35 + random_.below(50)) / 100;
      if (random_.chance(0.7)) cut = text.rfind(' ', cut);
      text = text.substr(0, std::max<size_t>(cut, 8));
      while (text.back() == '.' || text.back() == ' ') text.pop_back();
      break;
    }
  }
  if (fault != Fault::kRefusing) text = pick(random_, kOpeners) + text;
  if (fault != Fault::kTruncated && fault != Fault::kRefusing) text += pick(random_, kClosers);
  out.answer = std::move(text);
  return out;
}

}  // namespace godseye::guard::synthetic
