#include "products/vocabulary.h"

namespace godseye::guard::products {

const text::WordSet& cue_words() {
  static const text::WordSet set(
      "recommend recommends suggest suggests suggesting try consider called named our buy get offer offers check carry "
      "have sell sells like love introducing featuring about choose pick with order empfehle empfehlen recommande "
      "recomiendo consiglio");
  return set;
}
const text::WordSet& shop_words() {
  static const text::WordSet set(
      "policy service support shipping delivery returns return refund warranty guarantee customer team order orders "
      "account checkout cart payment payments card cards gift voucher code coupon discount sale deal friday monday "
      "tuesday wednesday thursday saturday sunday january february march april may june july august september october "
      "november december store shop website newsletter club program programme points rewards membership terms "
      "conditions faq contact email phone hotline street road avenue center centre department collection category "
      "size guide chart wishlist page button section tab settings app day days week weeks year christmas easter "
      "bluetooth wifi usb hdmi android ios google apple paypal visa mastercard klarna ups dhl fedex");
  return set;
}
const text::WordSet& thing_words() {
  static const text::WordSet set(
      "lamp chair table desk sofa bed shelf mirror rug carpet curtain pillow blanket mattress vase candle clock fan "
      "heater kettle toaster blender mixer oven fryer grill pan pot knife mug cup bottle plate bowl glass jar jug "
      "machine maker grinder vacuum cleaner robot purifier humidifier speaker headphones headphone earbuds headset "
      "microphone camera lens tripod drone phone smartphone tablet laptop monitor keyboard mouse charger cable adapter "
      "router printer projector tv watch smartwatch band tracker bike bicycle helmet scooter tent backpack bag wallet "
      "purse suitcase jacket coat shirt tshirt hoodie sweater dress skirt jeans pants trousers shorts socks shoes "
      "boots "
      "sneakers loafers sandals hat cap scarf gloves belt sunglasses ring necklace bracelet earrings shampoo "
      "conditioner cream serum lotion perfume soap toothbrush razor dryer hairdryer straightener drill saw hammer "
      "screwdriver toolbox ladder hose mower trimmer planter toy puzzle doll game console controller guitar piano book "
      "notebook pen organizer stand mount holder case cover stroller crib leash feeder shakers dumbbell kettlebell mat "
      "treadmill coffee tea chocolate tool kit set top "
      "teapot headlamp typewriter diffuser lantern skillet wok spatula whisk colander corkscrew decanter tray basket "
      "wardrobe dresser nightstand ottoman bench stool cushion quilt towel bathrobe slippers umbrella briefcase "
      "luggage "
      "binoculars telescope microscope thermometer scale compass flashlight lighter cooler grill smoker hammock kayak "
      "paddle skateboard skis snowboard racket ball goggles wetsuit yoga pump compressor generator inverter battery "
      "powerbank dock hub webcam turntable amplifier subwoofer soundbar ukulele violin drum keyboard synthesizer "
      "necktie blazer cardigan leggings tights bra pajamas overalls vest poncho beanie mittens anklet brooch cufflinks "
      "lipstick mascara serum cleanser toner moisturizer sunscreen balm brush comb trimmer epilator headboard "
      "sideboard "
      "chandelier sconce doormat plant seeds fertilizer rake shovel wheelbarrow sprinkler ladder wrench pliers sander");
  return set;
}
const text::WordSet& id_cues() {
  static const text::WordSet set("id ids sku skus item product article artikel art no nr number ref model");
  return set;
}
const text::WordSet& other_code_cues() {
  static const text::WordSet set(
      "order tracking invoice ticket case booking customer account coupon promo voucher code discount phone call "
      "reference confirmation reservation serial postcode zip bestellung commande pedido rechnung");
  return set;
}
const text::WordSet& model_words() {
  static const text::WordSet set(
      "pro max plus ultra mini lite air xl xxl ii iii iv vi gen elite premium deluxe prime neo evo turbo se gt hd 4k "
      "5g");
  return set;
}

}  // namespace godseye::guard::products
