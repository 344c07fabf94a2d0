"""What made-up mail is made of. All names and hosts are of nobody (RFC 2606)."""

from __future__ import annotations

_FIRST = """
    Ada Alan Amara Anna Barbara Björn Chen Claude Dana Diego Edsger Elif Emma Fatima Frances Grace Hana
    Hedy Ines Ivan James Jean Jörg Kateryna Katherine Leila Linus Margaret Maria Mei Mira Niklas Noor
    Olga Omar Priya Radia Rosa Samir Sofia Stefan Tariq Thi Ursula Vera Wei Yuki Zofia
"""
_LAST = """
    Abadi Becker Bianchi Costa Dubois Eriksen Fischer García Haddad Hopper Ito Jansen Kaya Keller
    Kowalski Kumar Lamarr Larsen Lindqvist Lovelace Martin Moreau Müller Nakamura Nguyen Novak Okafor
    Olsen Park Perlman Petrova Rossi Sato Schmidt Silva Singh Sørensen Tanaka Torres Turing Vogel Weber
    Wong Yilmaz Zhang
"""
FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())
ORGANIZATIONS = (
    ("Contoso", "contoso.example"),
    ("Fabrikam", "fabrikam.example"),
    ("Northwind Traders", "northwind.example"),
    ("Adventure Works", "adventure-works.example"),
    ("Tailspin Toys", "tailspin.example"),
    ("Wide World Importers", "wideworld.example"),
    ("Litware", "litware.example"),
    ("Proseware", "proseware.example"),
    ("Alpine Ski House", "alpine.example"),
    ("Coho Vineyard", "coho.example"),
    ("Fourth Coffee", "fourth-coffee.example"),
    ("Trey Research", "trey.example"),
)
ROLES = ("sales", "support", "info", "billing", "orders", "service", "careers", "press", "office", "projects")
SUBJECTS = (
    "Your order has shipped",
    "Invoice for November",
    "Re: Offer for the new office",
    "Minutes of Tuesday's meeting",
    "Question about my last delivery",
    "Reminder: the contract ends soon",
    "Updated price list",
    "Fwd: Holiday plan",
    "Complaint about a damaged parcel",
    "New phone number",
    "Application as an engineer",
    "Quarterly figures",
    "Access to the shared folder",
    "Travel expenses",
    "Server maintenance on Sunday",
    "Thank you for your visit",
    "Change of our bank details",
    "Draft of the press release",
    "Re: Re: Photos of the trade fair",
    "Payment received",
    "Please confirm your appointment",
    "Parking spaces",
    "Feedback on the prototype",
    "Welcome to the team",
)
SENTENCES = (
    "Thank you for your message of yesterday.",
    "Please find the details in the attached document.",
    "We would be glad to hear from you by the end of the week.",
    "The delivery is expected on Thursday between nine and twelve.",
    "Could you tell me who is responsible for this contract?",
    "The figures have been checked by our accounting department.",
    "I am out of the office until Monday and read mail now and then.",
    "The meeting takes place in the large room on the second floor.",
    "Our offer is valid for thirty days.",
    "As agreed on the telephone, I send you the corrected version.",
    "The parcel arrived with a dented corner, but nothing inside was broken.",
    "Let us know if another date suits you better.",
    "The maintenance will take about two hours; mail is delivered afterwards.",
    "Kind regards from a rainy city.",
)
# (cause, share, kind of trouble, last error)
DEATHS = (
    ("bad_request", 46, "poison", "400 ErrorInvalidIdMalformed Id is malformed."),
    ("unavailable", 24, "transient", "503 serviceNotAvailable The service is temporarily unavailable."),
    ("conflict", 14, "transient", "409 ErrorIrresolvableConflict The send or update operation could not be performed."),
    ("too_large", 8, "poison", "no answer answer_too_large Graph's answer is longer than 20 MiB"),
    ("forbidden", 5, "transient", "403 ErrorAccessDenied Access is denied."),
    ("worker_died", 3, "poison", "the worker died 3 times with this event in hand"),
)
