"""What introduces a person's name: « je m'appelle », a title, a kinship, a closing formula."""

from __future__ import annotations

import re

__all__ = ["BELONGS", "CLOSING", "LABEL", "LIKELY", "PAIR", "SAID", "SURE", "TITLED"]

KIN = (
    r"(?:(?:petite?s?|grande?s?)[ -]?)?(?:fils|filles?|garcons?|gamine?|enfants?|bebe|mari|femme|epoux|epouse"
    r"|conjointe?|compagnon|compagne"
    r"|pere|mere|maman|papa|freres?|soeurs?|oncle|tante|neveu|niece|cousine?|copine?|amie?|ex(?:-mari|-femme)?"
    r"|grand[ -]?(?:mere|pere)|mamie|papi|papy|mamy|beau[ -]\w{4,5}|belle[ -]\w{4,5}|voisine?|partenaire"
    r"|medecin(?: traitant)?|collegue|ainee?|cadette?|jumeaux|jumelles|tuteur|tutrice|curatrice|curateur|patronn?e?"
    r"|kine|dentiste|concubine?|nourrice|assistante? \w{5,12}|conseillere?|infirmiere?|sage-femme|aidante?|petite?"
    r"|loulou"
    r"|pharmacienne?|medecin|gyneco\w*|gestionnaire)"
)
WHOSE = r"(?:mon|ma|mes|notre|nos|son|sa|ses|leurs?|l'|votre)"
ITS = (
    r"(?: (?:de (?:famille|naissance|jeune fille|l'assuree?|usage|mariage|mon \w+|ma \w+)|d'usage|marital|complet"
    r"|d'epouse|(?:et|&) (?:mon |mes )?(?:pre)?noms?))*"
)

# What follows is a name, however it is written.
SURE = re.compile(
    rf"\b(?:(?:je?'?\s?|moi |bonjour,? |bjr |salut |slt )m['\s]?ap+el+e?|je me nomme|my name is"
    rf"|(?:il|elle|qui|{KIN}) (?:s['\s]?ap+el+e|se nomme|se prenomme)(?:nt)?"
    rf"|(?<!a )(?<!au )(?<!sous )(?:mon|mes|son|ses|notre|leurs?|le) (?:noms?|prenoms?){ITS}\s?(?:est|sont|c'est|cest"
    rf"|=)(?: c'est| bien| donc)?"
    rf")\s{{0,2}}[\"'«(:]?\s?(?=[a-z])"
)
LABEL = re.compile(rf"\b(?:noms?|prenoms?){ITS}\s?(?:[:=]|->)\s{{0,2}}(?=[a-z])")
PAIR = re.compile(r"\bnom (?=([a-z'-]{2,20}(?: [a-z'-]{2,20})? (?:et )?prenoms? )([a-z]))")
# A name follows if it is written as one, or holds a first name that many have.
LIKELY = re.compile(
    rf"\b(?:{WHOSE}\s?(?:premiere? |derniere? |[a-z]{{2,6}}ieme |jeune |cher |chere )?{KIN},?(?: aussi)?(?: (?:de"
    rf"|agee? de) \d{{1,3}} (?:ans|mois))?(?:,? (?:c'est|qui est))?"
    rf"|(?:le|la) (?:petite?|ptite?)|(?:enfants?|bebe|fils|fille|conjointe?|mari|femme)(?= ?:)|(?:je )?me presente"
    rf"|(?:maman|mere|pere|papa|epouse|epoux|femme|mari|fille|fils|tuteur|tutrice|parents?|aidante?|veuve|soeur|frere"
    rf"|conjointe?) (?=d[e'])d(?:e |')"
    rf"|dossiers?(?: de| d')?|concernant|au sujet d[e']|de la part d[e']|au nom d[e']|pour le compte d[e']"
    rf"|a l'attention d[e']|ap+el+ez[ -]moi|nee|epouse|veuve|(?:noms?|prenoms?){ITS}"
    rf"|prenommee?|nommee?|signature|signe)[ ,:(«\"]{{0,3}}(?=[a-z])"
)
# A whole name, or a first name that many have.
SAID = re.compile(
    r"\b(?:(?P<me>(?<!-)moi,? ?(?:c'est|cest|c)?|(?:je |j')?suis?|jsuis?|chui)|c'est|cest|c|ici|pour|les|familles?"
    r"|les epoux|patiente?|assuree?|titulaire|beneficiaire|expediteur)[ :]{1,3}(?=[a-z])"
)
# « la carte de Jules »
BELONGS = re.compile(
    r"\b(?:carte(?: vitale)?|dossier|attestation|compte(?: ameli)?|papiers?|remboursements?|arret|ordonnance|numero"
    r"|naissance|deces|soins|rendez-vous"
    r"|lunettes|medecin|espace|droits|situation|adresse|mutuelle|ecole|operation|hospitalisation|grossesse) d(?:e "
    r"|')(?=[a-z])"
)
TITLED = re.compile(
    r"\b(m|mr|mrs|mme|mmes|mlle|melle|dr|pr|monsieur|madame|mademoiselle|docteure?|maitre|professeur)\b(\.?)\s{0,2}"
    r"(?:(?:et|ou) (?:m|mr|mme|madame|monsieur)\b\.? )?(?=[a-z])"
)
CLOSING = re.compile(
    r"\b(?P<formal>cordialement|cdlt|cdt|crdlt|bien a (?:vous|toi)|salutations|respectueusement|sincerement"
    r"|amicalement|bisous?"
    r"|sentiments)?(?(formal)|(?:merci|bientot|bonne (?:journee|soiree|reception)))"
    r"(?: (?:a vous|votre|beaucoup|bien|d'avance|par avance|distingue[es]{1,2}|respectueuses|les meilleure?s"
    r"|pour votre \w+|de votre \w+))*"
    r"[\s,.!;:-]{1,6}(?=[a-z])"
)
