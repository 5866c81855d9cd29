#include "text/lexicon.h"

#include "text/flat_map.h"
#include "text/words.h"

#include <algorithm>
#include <iterator>

namespace godseye::guard::text {

namespace {

struct List {
  uint32_t classes;
  std::string_view words;
};

constexpr List kLists[] = {
    {kStopWord,
     // English
     "a an the and or but if then than as at by for from in into of off on onto out over to up with without about "
     "after again all also am any are be been before being between both can could did do does doing down during each "
     "few had has have having he her here hers him his how i im ive id its it is just me more most my no nor not now "
     "only other our ours own same she should so some such that thats their them there these they this those through "
     "too under until very was we were what when where which while who whom why will would you your yours youre cant "
     "dont doesnt didnt isnt arent wasnt werent wont wouldnt couldnt shouldnt may might must shall us one because "
     "however therefore please yes there's get got let via per etc "
     // German
     "der die das den dem des ein eine einen einem einer eines und oder aber wenn als auch auf aus bei bis durch fur "
     "gegen hat haben ich ihr ihre ihnen im ist ja kann kein keine mit nach nicht noch nur ob ohne sehr sein sich sie "
     "sind so uber um unter vom von vor war was weil werden wie wir wird zu zum zur du er es man mehr dass diese "
     "dieser "
     "dieses "
     // French
     "le la les un une du et ou mais ne pas pour par sur dans avec sans ce cet cette ces est sont au aux je tu il elle "
     "nous vous ils elles que qui quoi dont plus votre vos notre nos mon ma mes son sa ses leur y en se si d l c n s j "
     // Spanish, Portuguese
     "el los las una unos unas y o pero con sin por para de del al es son esta este esto estos estas ser su sus lo le "
     "les mi tu nos que como mas muy ya no si ha han em um uma os as e ou mas com sem da do das dos na nos nas ao aos "
     "pelo pela seu sua seus nao sim foi ser tem "
     // Italian, Dutch
     "lo gli i uno ed ma non per con su da dal della delle dei di che chi cui piu sono essere ho hai abbiamo questo "
     "questa het een en of maar als dan dat die deze dit ik jij je u wij ze zij hij naar van voor met zonder op te om "
     "ook niet geen nog wel is zijn was waren bij door over uit tot"},
    {kNegator,
     "not no never without cannot cant dont doesnt didnt isnt arent wasnt wont wouldnt couldnt shouldnt neither nor "
     "nothing none nicht kein keine keinen keiner nie ohne weder pas jamais sans aucun aucune non nunca sin "
     "ningun ninguna niet geen nooit zonder mai senza nao nem"},
    {kDiscountWord,
     "discount discounts coupon coupons voucher vouchers promo cashback sale rebate bonus rabatt gutschein remise "
     "descuento sconto desconto korting"},
    {kPolicyWord,
     "refund refunds refunded warranty guarantee guaranteed lifetime moneyback cancel cancellation exchange return "
     "returns returned insured insurance policy policies garantie ruckgabe erstattung remboursement garantia "
     "devolucion rimborso restituzione"},
    {kExactWord,
     "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
     "september "
     "october november december black white red blue green yellow orange purple pink brown grey gray beige navy "
     "silver "
     "golden turquoise oak walnut beech pine birch maple ash steel aluminium aluminum brass copper titanium plastic "
     "leather cotton wool linen silk polyester nylon bamboo marble glass ceramic montag dienstag mittwoch donnerstag "
     "freitag samstag sonntag schwarz weiss rot blau grun gelb"},
    {kCourtesyWord,
     "sorry afraid thanks thank happy glad help helps hope welcome feel free let know need nice day hello hi dear "
     "great good "
     "question questions ask asking further "
     "assistance anything else enjoy regards sure course certainly unfortunately information available mention "
     "mentioned say says found find provided leider gern danke"},
    {kFreebie,
     "shipping delivery postage return returns gift gifts upgrade installation repair repairs replacement sample "
     "samples "
     "trial service wrapping express versand lieferung geschenk"},
    {kNumberName, "zero one two three four five six seven eight nine ten eleven twelve"},
    // English
    {kTongue << 0, "the and of to is for with you your it are can this that from not have be we our at by if"},
    // German
    {kTongue << 1,
     "der die das und ist nicht mit fur sie ihre auf den ein eine bei oder werden wird zu im aus von kann"},
    // French
    {kTongue << 2, "le les et est vous votre pour dans avec une du pas sur au aux ou nous ne sont il des ce"},
    // Spanish
    {kTongue << 3, "el los las y es para con una por del su en usted puede no se al lo esta son pero"},
    // Italian
    {kTongue << 4, "il gli e per con una del della non si puo sono che di nel alla dei delle anche"},
    // Portuguese
    {kTongue << 5, "o os as e para com uma nao por do da voce pode seu sua em no na dos das ao"},
    // Dutch
    {kTongue << 6, "het een en van niet met voor je uw op zijn kan wordt dat te bij deze naar ook"},
    // Coarse whoever is meant.
    {kStrongInsult,
     "asshole assholes arsehole bitch bitches bastard bastards dumbass jackass scumbag scumbags dipshit shithead "
     "dickhead wanker twat douchebag motherfucker motherfuckers cocksucker arschloch hurensohn wichser missgeburt "
     "connard connasse salope encule gilipollas pendejo cabron hijoputa stronzo coglione bastardo klootzak"},
    // Insults when they are aimed at somebody.
    {kInsult,
     "idiot idiots idiotic moron morons moronic imbecile imbeciles stupid dumb fool fools foolish clown clowns loser "
     "losers pathetic worthless useless brainless clueless ignorant dimwit halfwit simpleton coward pig liar lazy "
     "trash "
     "garbage scum vermin ugly fat disgusting ridiculous laughable incompetent nobody failure joke dunce nitwit "
     "peasant "
     "dummkopf blodmann trottel depp vollidiot dumm idiote imbecile abruti debile idiota estupido estupida imbecil "
     "tonto "
     "stupido cretino scemo burro sukkel eikel"},
    {kSlur,
     "nigger niggers faggot faggots kike kikes spic spics chink chinks gook gooks wetback retard retards "
     "retarded tranny trannies cunt cunts"},
    {kObscene,
     "fuck fucking fucked fucker fucks shit shitty bullshit scheisse scheiss fick ficken "
     "verdammte merde putain bordel mierda joder puta caralho cazzo vaffanculo"},
};

FlatMap make_classes() {
  FlatMap map;
  for (const List& list : kLists) {
    for (size_t at = 0; at < list.words.size();) {
      const size_t end = std::min(list.words.find(' ', at), list.words.size());
      if (end > at) {
        const uint64_t hash = word_hash(list.words.substr(at, end - at));
        map.assign(hash, map.insert(hash, list.classes) | list.classes);
      }
      at = end + 1;
    }
  }
  return map;
}

}  // namespace

uint32_t word_classes(uint64_t hash) {
  static const FlatMap map = make_classes();
  const uint32_t classes = map.find(hash);
  return classes == FlatMap::kNone ? 0 : classes;
}

}  // namespace godseye::guard::text
